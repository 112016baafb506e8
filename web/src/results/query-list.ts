import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Job, Queries, Query } from "../api/contract";
import { editionOf } from "../api/hooks";
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
    rows: pages.flatMap((page) => page.rows),
    filtered: pages[0]?.filtered ?? null,
    hasMore: list.hasNextPage,
    more: () => void (list.isFetching || list.fetchNextPage()),
  };
}

/** What is known of a query, by its key or its id, without asking for it: null where no page had it yet. */
export function useKnownQuery(job: Job, query: string | null): Query | null {
  const { rows } = useQueryList(job, "");
  return query === null ? null : (rows.find((row) => isMeant(row, query)) ?? null);
}

export function isMeant(row: Query, query: string): boolean {
  return row.query_key === query || row.query === query;
}
