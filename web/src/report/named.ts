import type { Contents } from "./contents";
import type { Asked, Pair } from "./filtering";

/**
 * Whether a pair is of the subject, organism and taxon that are asked for, or below that in the lineages at hand; null
 * where lineages are known and those of some of these pairs are not here.
 */
export function namedIn(
  { taxonomy, of_queries }: Contents,
  pairs: Pair[],
  asked: Asked,
): ((row: Pair) => boolean) | null {
  const subject = asked.get("subject");
  const organism = asked.get("organism")?.toLowerCase();
  const taxid = asked.get("taxid") ? Number(asked.get("taxid")) : null;
  const taxa = [taxonomy, ...of_queries.map((one) => one.taxonomy)].flatMap((table) =>
    table.lineage_source === taxonomy.lineage_source ? table.rows : [],
  );
  const told = new Set(taxa.map((taxon) => taxon.taxid));
  const isTold = ({ taxids }: Pair) => (taxids ?? []).every((each) => told.has(each));
  if ((organism || taxid !== null) && taxonomy.lineage_source && !pairs.every(isTold)) return null;
  const below = new Set([taxid]);
  const named = new Set<number>();
  for (const taxon of taxa) {
    const isBelow = taxon.lineage.some((node) => node.taxid === taxid);
    if (isBelow || (taxid !== null && taxon.current_taxid === taxid)) below.add(taxon.taxid);
    if (organism && taxon.name?.toLowerCase().includes(organism)) named.add(taxon.taxid);
  }
  return (row) =>
    (!subject || row.subject === subject) &&
    (taxid === null || (row.taxids ?? []).some((each) => below.has(each))) &&
    (!organism ||
      (row.names ?? []).some((name) => name.toLowerCase().includes(organism)) ||
      (row.taxids ?? []).some((each) => named.has(each)));
}
