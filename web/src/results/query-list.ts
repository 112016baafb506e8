import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Answer } from "../api/client";
import type { Job, Queries, Query } from "../api/contract";
import { editionOf, useView } from "../api/hooks";
import { useClient } from "../session";

/** Queries page by page, those whose id or title contains the text; the first page of all is an artifact. */
export function useQueryList(job: Job, text: string) {
  const client = useClient();
  const list = useInfiniteQuery({
    queryKey: ["view", editionOf(job), "queries", text],
    queryFn: ({ pageParam, signal }) =>
      client.read<Queries>(
        `jobs/${job.job_id}/results/queries`,
        { text, cursor: pageParam },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => (page.kind === "here" ? page.body.next_cursor : null),
    placeholderData: keepPreviousData,
  });
  const pages = list.data?.pages.flatMap((page) => (page.kind === "here" ? [page.body] : [])) ?? [];
  return {
    rows: rowsOf(list.data?.pages ?? []),
    isHere: pages.length > 0,
    filtered: pages[0]?.filtered ?? null,
    total: pages[0]?.total ?? null,
    notHere: pages[0]?.not_here ?? 0,
    hasMore: list.hasNextPage,
    more: () => void (list.isFetching || list.fetchNextPage()),
    /** The list with its next page; raises what kept that from coming. */
    withMore: async (): Promise<Listed> => {
      const { data, hasNextPage } = await list.fetchNextPage({ throwOnError: true });
      return { rows: rowsOf(data?.pages ?? []), hasMore: hasNextPage };
    },
  };
}

const rowsOf = (pages: Answer<Queries>[]) =>
  pages.flatMap((page) => (page.kind === "here" ? page.body.rows : []));

/** The first queries of a result, and whether there are others behind them. */
export interface Listed {
  rows: Query[];
  hasMore: boolean;
}

export type Side = "previous" | "next";

const hasHits = ({ status }: Query) => status === "hits" || status === "partial";

/** The nearest query with hits before or behind another; null where there is none, undefined where pages to come tell. */
export function neighbourOf(
  { rows, hasMore }: Listed,
  current: string,
  side: Side,
): Query | null | undefined {
  const untold = hasMore ? undefined : null;
  const at = rows.findIndex((row) => isMeant(row, current));
  if (at < 0) return untold;
  if (side === "previous") return rows.slice(0, at).findLast(hasHits) ?? null;
  return rows.slice(at + 1).find(hasHits) ?? untold;
}

/** The same, from as many further pages as it takes. */
export async function soughtNeighbour(
  listed: Listed,
  current: string,
  side: Side,
  withMore: () => Promise<Listed>,
): Promise<Query | null> {
  let known = listed;
  let found = neighbourOf(known, current, side);
  while (found === undefined) {
    known = await withMore();
    found = neighbourOf(known, current, side);
  }
  return found;
}

/**
 * A query by its key or its id, from the pages that are here or asked for alone; null where the result has none of
 * that name, undefined as long as that is not known.
 */
export function useKnownQuery(job: Job, query: string | null): Query | null | undefined {
  const { rows, isHere } = useQueryList(job, "");
  const listed = query === null ? null : rows.find((row) => isMeant(row, query));
  const isAsked = listed === undefined && isHere;
  const asked = useView<Queries>(job, "results/queries", { query: query ?? "" }, isAsked);
  if (!isAsked) return listed;
  if (asked.data?.kind !== "here" || asked.isPlaceholderData) return undefined;
  return asked.data.body.rows[0] ?? null;
}

/** Whether a query is asked for; what looks like a key is one, whatever ids there are. */
export function isMeant(row: Query, query: string): boolean {
  return row.query_key === query || (row.query === query && !KEY.test(query));
}

const KEY = /^@\d{1,9}:\d{1,9}$/;
