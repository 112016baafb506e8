import type { Artifact } from "../api/contract";

export interface Bin {
  from: number;
  to: number | null;
  count: number;
}

/** The places of an HSP, 1-based and inclusive, the minus strand by order; then bits, E value and identity. */
export type Place = [
  qstart: number | null,
  qend: number | null,
  sstart: number | null,
  send: number | null,
  bitscore: number | null,
  evalue: number | null,
  pident: number | null,
];

export interface DrawnSubject {
  subject: string | null;
  title: string | null;
  max_score: number | null;
  total_score: number | null;
  query_cover: number | null;
  evalue: number | null;
  min_evalue: number | null;
  per_ident: number | null;
  acc_len: number | null;
  hsps_total: number;
  hsps: Place[];
}

/**
 * What pictures of one query are drawn from: all subjects that pass, best first; `shown_subjects` and `shown_hsps` are
 * those that have their HSPs here.
 */
export interface Graphic extends Artifact {
  query: string | null;
  query_key: string | null;
  query_title: string | null;
  query_length: number | null;
  extent: number | null;
  subjects: number;
  hsps: number;
  evalue_distribution: Bin[];
  evalue_unknown: number;
  identity_distribution: Bin[];
  identity_unknown: number;
  shown_subjects: number;
  shown_hsps: number;
  rows: DrawnSubject[];
  /** How many subjects are not in a report, but in its counts. */
  not_here?: number;
}
