import type { Job, Table } from "../api/contract";
import { useView } from "../api/hooks";
import { isPlain, parametersOf, type Question } from "./question";

interface OfQuery {
  query_key: string | null;
}

/**
 * The rows that a question asks for.
 *
 * Without a query these are of the first one with hits, which begins the table's first page: that page is the
 * artifact, so that a job opens by one read of it. Only where the query goes on behind it the server is asked for
 * the query alone, and until it answers the rows of that page stand.
 */
export function useRows<Row extends OfQuery, Body extends Table<Row>>(
  job: Job,
  path: string,
  question: Question,
) {
  const isFirst = !question.query && !question.isAll;
  const opening = useView<Body>(job, path, {}, isFirst);
  const first = opening.data?.kind === "here" ? firstQuery<Row, Body>(opening.data.body) : null;
  const isAnswered = isFirst && isPlain(question) && first?.isWhole;
  const query = question.query ?? first?.key ?? null;
  const isAsked = !isAnswered && (!isFirst || query !== null);
  const asked = useView<Body>(job, path, parametersOf(question, query), isAsked);

  if (
    isFirst &&
    (opening.data?.kind !== "here" || opening.error || (first && first.key === null))
  ) {
    return { ...resultOf(opening), query: null };
  }
  if (isAnswered || (isFirst && isPlain(question) && !asked.data && !asked.error)) {
    return { ...resultOf(opening), body: first?.body ?? null, query };
  }
  return { ...resultOf(asked), query: question.isAll ? null : query };
}

type View<Body> = ReturnType<typeof useView<Body>>;

function resultOf<Body>(view: View<Body>) {
  const answer = view.data;
  return {
    body: answer?.kind === "here" ? answer.body : null,
    source: answer?.kind === "here" ? answer.source : null,
    pending: answer?.kind === "pending" ? answer : null,
    error: view.error,
    isStale: view.isPlaceholderData,
    refetch: () => void view.refetch(),
  };
}

/** The rows of the query that begins a page, and whether they are all of it. */
export function firstQuery<Row extends OfQuery, Body extends Table<Row>>(body: Body) {
  const key = body.rows[0]?.query_key ?? null;
  const rows = body.rows.filter((row) => row.query_key === key);
  const isWhole = !body.not_here && (rows.length < body.rows.length || body.next_cursor === null);
  const count = isWhole ? rows.length : body.total;
  return {
    key,
    isWhole,
    body: { ...body, rows, total: count, filtered: count, next_cursor: null },
  };
}
