import type { Aggregate } from "../api/contract";
import { counted } from "../blast/words";

/** How much a result holds. */
export function Totals({ totals }: { totals: Aggregate["totals"] }) {
  const { queries, queries_with_hits: withHits, subjects, hsps } = totals;
  return (
    <>
      <span>
        {queries === null ? "number of queries unknown" : counted(queries, "query", "queries")}
        {withHits !== null && `, ${counted(withHits, "with hits", "with hits")}`}
      </span>
      {subjects !== null && (
        <span title="distinct subject sequences of all queries">
          {counted(subjects, "subject")}
        </span>
      )}
      {hsps !== null && <span title="local alignments">{counted(hsps, "HSP")}</span>}
    </>
  );
}
