import type { Job, Query, Table } from "../api/contract";
import { counted, QUERY_STATUS } from "../blast/words";
import { useEnvelope } from "../job/honesty";
import { Note } from "../parts/notes";
import { useKnownQuery } from "./query-list";
import { isPlain, type Question } from "./question";

interface Props {
  job: Job;
  table: Pick<Table<unknown>, "complete" | "total" | "excluded_unknown" | "not_here">;
  question: Question;
  query: string | null;
}

/** Why there are no rows. “No hits” is said only of what was read to its end and has none. */
export function NoRows({ job, table, question, query }: Props) {
  const known = useKnownQuery(job, query);
  const { figures } = useEnvelope(job);
  return (
    <Note>
      <p role="status">{sentence(table, question, known, figures?.totals.hsps ?? null)}</p>
    </Note>
  );
}

export function sentence(
  table: Props["table"],
  question: Question,
  query: Query | null | undefined,
  hsps: number | null,
): string {
  if (table.not_here) {
    const others = `${counted(table.not_here, "row")} of the result ${table.not_here === 1 ? "is" : "are"} not in it.`;
    return isPlain(question)
      ? `This report has none of these rows; ${others}`
      : `Nothing in this report passes these filters; ${others}`;
  }
  if (!isPlain(question)) {
    const unknown = table.excluded_unknown
      ? ` ${counted(table.excluded_unknown, "row")} may or may not: the value asked for is unknown there.`
      : "";
    return `Nothing passes these filters.${unknown}`;
  }
  if (query && query.status !== "hits") {
    const reason = query.message ? ` BLAST says: ${query.message}` : "";
    return `${QUERY_STATUS[query.status]} for this query.${reason}`;
  }
  if (!table.complete)
    return "There are no rows in what could be read, and not everything could be.";
  if (query === undefined) return "There are no rows for this query.";
  if (question.query) return "The result has no such query.";
  return hsps === 0
    ? "No hits: all was read to its end, and no query has any."
    : "There are no rows here; the result may have hits.";
}
