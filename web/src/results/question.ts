import { useMemo } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import type { Parameters } from "../api/client";

/** What may be asked of descriptions and alignments; each bears the API's own name in the address too. */
export const HIT_FILTERS = [
  "subject",
  "organism",
  "taxid",
  "min_identity",
  "max_identity",
  "min_query_cover",
  "max_query_cover",
  "min_bitscore",
  "min_evalue",
  "max_evalue",
] as const;

/** What may be asked of alignments. */
export const HSP_FILTERS = [...HIT_FILTERS, "places"] as const;

/** What may be asked of the queries. */
export const QUERY_FILTERS = ["status", "text"] as const;

export type Filter = (typeof HSP_FILTERS)[number] | (typeof QUERY_FILTERS)[number];
export type FilterTexts = Partial<Record<Filter, string>>;
export type Order = "asc" | "desc";

const ALL = "all";
const SCOPE = "queries";

/** What the address asks for: which query, filters, sort and page. */
export interface Question {
  /** A query's key or id; null for the first query with hits. */
  query: string | null;
  /** Whether all queries are asked for. */
  isAll: boolean;
  filters: FilterTexts;
  sort: string | null;
  order: Order | null;
  cursor: string | null;
  /** Number of the page, from 1; only counts how often one went on. */
  page: number;
  /** Ids of the rows that were picked: query key, blank, subject. */
  picks: string[];
}

export function readQuestion(
  search: URLSearchParams,
  known: readonly Filter[] = HIT_FILTERS,
): Question {
  const filters: FilterTexts = {};
  for (const name of known) {
    const value = search.get(name);
    if (value) filters[name] = value;
  }
  const order = search.get("order");
  return {
    query: search.get("query"),
    isAll: search.get(SCOPE) === ALL,
    filters,
    sort: search.get("sort"),
    order: order === "asc" || order === "desc" ? order : null,
    cursor: search.get("cursor"),
    page: Math.max(1, Number.parseInt(search.get("page") ?? "1", 10) || 1),
    picks: search.getAll("pick"),
  };
}

/** The address's search text for a question. */
export function writeQuestion(question: Question): string {
  const search = new URLSearchParams();
  if (question.isAll) search.set(SCOPE, ALL);
  else if (question.query) search.set("query", question.query);
  for (const [name, value] of Object.entries(question.filters)) search.set(name, value);
  if (question.sort) search.set("sort", question.sort);
  if (question.order) search.set("order", question.order);
  if (question.cursor) {
    search.set("cursor", question.cursor);
    search.set("page", String(question.page));
  }
  for (const pick of question.picks) search.append("pick", pick);
  const text = search.toString();
  return text && `?${text}`;
}

/** The question as the API takes it, for a query that may come from elsewhere. */
export function parametersOf(question: Question, query: string | null): Parameters {
  return { ...askedOf(question, query), cursor: question.cursor ?? undefined };
}

/** The question without its page: what an export takes. */
export function askedOf(question: Question, query: string | null): Parameters {
  return {
    query: question.isAll ? undefined : (query ?? undefined),
    ...question.filters,
    sort: question.sort ?? undefined,
    order: question.order ?? undefined,
  };
}

/** Whether nothing but the query is asked. */
export function isPlain({ filters, sort, order, cursor }: Question): boolean {
  return Object.keys(filters).length === 0 && !sort && !order && !cursor;
}

interface Trail {
  cursors?: (string | null)[];
}

export type Asked = ReturnType<typeof useQuestion>;

/** The question in the address, and how to ask another one: always from its first page. */
export function useQuestion(known: readonly Filter[] = HIT_FILTERS) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const location = useLocation();
  const question = useMemo(() => readQuestion(search, known), [search, known]);
  const trail: (string | null)[] = (location.state as Trail | null)?.cursors ?? [];
  const go = (changed: Question, cursors: (string | null)[] = []) =>
    void navigate({ search: writeQuestion(changed) }, { state: { cursors } });
  return {
    question,
    ask: (change: Partial<Question>) =>
      go({ ...question, cursor: null, page: 1, picks: [], ...change }),
    /** Pick rows; the page stays where it is, and going back does not take picks away one by one. */
    pick: (picks: string[]) =>
      void navigate(
        { search: writeQuestion({ ...question, picks }) },
        { replace: true, state: location.state, preventScrollReset: true },
      ),
    toNext: (cursor: string) =>
      go({ ...question, cursor, page: question.page + 1 }, [...trail, question.cursor]),
    toFirst: () => go({ ...question, cursor: null, page: 1 }),
    /** Null where this page was not come to from the one before. */
    toPrevious:
      trail.length > 0
        ? () =>
            go(
              { ...question, cursor: trail.at(-1) ?? null, page: Math.max(1, question.page - 1) },
              trail.slice(0, -1),
            )
        : null,
  };
}

/** The address of a job's tab for a query, and a subject where one is meant. */
export function addressOf(
  jobId: string,
  tab: string,
  query: string | null,
  subject?: string | null,
  picks: string[] = [],
): string {
  const search = new URLSearchParams();
  if (query) search.set("query", query);
  if (subject) search.set("subject", subject);
  for (const pick of picks) search.append("pick", pick);
  const text = search.toString();
  return `/jobs/${jobId}/${tab}${text && `?${text}`}`;
}
