import type { Table } from "../api/contract";
import { formatCount } from "../blast/numbers";
import type { useQuestion } from "./question";

interface Props {
  table: Pick<
    Table<unknown>,
    "rows" | "total" | "filtered" | "excluded_unknown" | "page_size" | "next_cursor"
  >;
  asked: Pick<ReturnType<typeof useQuestion>, "question" | "toNext" | "toFirst" | "toPrevious">;
  what: string;
}

/** Which rows these are of how many, and the way to the others. */
export function Pager({ table, asked, what }: Props) {
  const { question, toNext, toFirst, toPrevious } = asked;
  const before = (question.page - 1) * table.page_size;
  const shown = `${formatCount(before + 1)}–${formatCount(before + table.rows.length)}`;
  const next = table.next_cursor;
  return (
    <nav className="pager" aria-label="Pages">
      <p>
        {shown} of {formatCount(table.filtered)} {what}
        {table.filtered !== table.total && ` (${formatCount(table.total)} without filters)`}
        {table.excluded_unknown
          ? `; ${formatCount(table.excluded_unknown)} left out because the value asked for is unknown`
          : ""}
      </p>
      {(question.cursor || next) && (
        <div className="buttons">
          <button type="button" disabled={!question.cursor} onClick={() => void toFirst()}>
            First
          </button>
          <button type="button" disabled={!toPrevious} onClick={() => void toPrevious?.()}>
            Previous
          </button>
          <button type="button" disabled={!next} onClick={() => next && void toNext(next)}>
            Next
          </button>
        </div>
      )}
    </nav>
  );
}
