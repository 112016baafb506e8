import type { Table } from "../api/contract";
import { formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import type { Asked } from "./question";

interface Props {
  table: Pick<
    Table<unknown>,
    "rows" | "total" | "filtered" | "excluded_unknown" | "page_size" | "next_cursor" | "not_here"
  >;
  asked: Asked;
  /** One row, and several. */
  what: [string, string];
}

/** That a report has not all, where its rows are counted. */
export function notHere(count: number, [one, several]: [string, string]): string {
  const [is, it] = count === 1 ? ["is", "it"] : ["are", "them"];
  const more = counted(count, `more ${one}`, `more ${several}`);
  return `${more} ${is} not in this report, which can neither sort nor filter ${it}`;
}

/** Which rows these are of how many, and the way to the others. */
export function Pager({ table, asked, what }: Props) {
  const { question, toNext, toFirst, toPrevious } = asked;
  const before = (question.page - 1) * table.page_size;
  const shown = `${formatCount(before + 1)}–${formatCount(before + table.rows.length)}`;
  const next = table.next_cursor;
  const isFiltered = Object.keys(question.filters).length > 0;
  return (
    <nav className="pager" aria-label="Pages">
      <p>
        {shown} of {counted(table.filtered, ...what)}
        {isFiltered && `, of ${formatCount(table.total)} in the whole result`}
        {table.excluded_unknown
          ? `; ${formatCount(table.excluded_unknown)} left out because the value asked for is unknown`
          : ""}
        {table.not_here ? `; ${notHere(table.not_here, what)}` : ""}
      </p>
      {(question.cursor || next) && (
        <div className="buttons">
          <button type="button" disabled={!question.cursor} onClick={() => toFirst()}>
            First
          </button>
          <button type="button" disabled={!toPrevious} onClick={() => toPrevious?.()}>
            Previous
          </button>
          <button type="button" disabled={!next} onClick={() => next && toNext(next)}>
            Next
          </button>
        </div>
      )}
    </nav>
  );
}
