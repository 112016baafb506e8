import type { Job, Queries, Query } from "../api/contract";
import { useView } from "../api/hooks";

/** The first page of queries, which is an artifact. */
export function useFirstQueries(job: Job): Queries | null {
  const view = useView<Queries>(job, "results/queries");
  return view.data?.kind === "here" ? view.data.body : null;
}

/** What is known of a query without asking for it: null where it is not on the first page. */
export function useKnownQuery(job: Job, key: string | null): Query | null {
  const rows = useFirstQueries(job)?.rows;
  return rows?.find((row) => row.query_key === key) ?? null;
}
