import type { Table } from "../api/contract";

export interface TaxonNode {
  taxid: number;
  name: string | null;
  rank: string | null;
}

export interface Taxon extends TaxonNode {
  blast_name: string | null;
  /** Of the taxon that it was merged into, if it was; null where no table knows it. */
  current_taxid: number | null;
  lineage: TaxonNode[];
  distance: number | null;
  subjects: number;
  pairs: number;
  hsps: number;
  best_bits: number | null;
  best_evalue: number | null;
}

export interface Branch extends TaxonNode {
  organisms: number;
  own_hits: number;
  hits: number;
  pairs: number;
  hsps: number;
  best_bits: number | null;
  children: Branch[];
}

export interface Bucket {
  subjects: number;
  pairs: number;
  hsps: number;
  best_bits: number | null;
  best_evalue: number | null;
}

/** Counts are distinct subjects; one of several taxids counts for each. */
export interface Taxonomy extends Table<Taxon> {
  subjects: number;
  subjects_with_several_taxids: number;
  unassigned: Bucket;
  unresolved: Bucket;
  organism_source: string | null;
  lineage_source: string | null;
  common_ancestor: TaxonNode | null;
  tree: (Branch & { left_out: number }) | null;
}
