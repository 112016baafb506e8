/** What the API answers: the shapes of docs/api.md, and no more of them than the page shows. */

export type JobStatus =
  | "submitting"
  | "queued"
  | "running"
  | "cancelling"
  | "completed"
  | "failed"
  | "cancelled";

export type ArtifactState = "missing" | "pending" | "ready" | "failed";

export interface JobRow {
  job_id: string;
  status: JobStatus;
  run: number;
  title: string | null;
  program: string;
  database: string;
  phase: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface Failure {
  code: string;
  message: string | null;
  exit_code: number | null;
  exit_code_meaning: string | null;
}

export interface Warning {
  code: string;
  text: string;
}

export interface ArtifactSummary {
  state: ArtifactState;
  complete?: boolean;
  updated_at?: string;
  error_code?: string | null;
  error?: string | null;
}

export interface Job extends JobRow {
  updated_at: string;
  error: Failure | null;
  warnings: Warning[];
  artifacts: Record<string, ArtifactSummary>;
}

export interface JobList {
  next_cursor: string | null;
  jobs: JobRow[];
}

export interface NotWhole {
  name: string;
  state: string;
  reason: string | null;
}

export interface Sources {
  files: number;
  bytes: number;
  rows: number;
  rejected: number;
  by_state: Record<string, number>;
  not_whole: NotWhole[];
  not_whole_total?: number;
}

export interface Artifact {
  job_id: string;
  run: number;
  complete: boolean;
  sources: Sources;
  warnings: Warning[];
}

export interface Table<Row> extends Artifact {
  total: number;
  filtered: number;
  excluded_unknown?: number | null;
  page_size: number;
  next_cursor: string | null;
  rows: Row[];
  /** How many of the rows that are asked for are not in a report, whatever the filters; the service has all. */
  not_here?: number;
}

export interface Description {
  query: string | null;
  subject: string | null;
  query_key: string | null;
  max_score: number | null;
  total_score: number | null;
  query_cover: number | null;
  query_cover_ncbi: number | null;
  evalue: number | null;
  min_evalue: number | null;
  per_ident: number | null;
  acc_len: number | null;
  query_length: number | null;
  hsps: number;
  taxids: number[] | null;
  names: string[] | null;
  title: string | null;
}

/** An HSP in BLAST+'s tabular columns; coordinates are 1-based and inclusive, the minus strand by order. */
export interface Hsp {
  query_key: string | null;
  source: string;
  qtitle: string | null;
  qseqid: string | null;
  sseqid: string | null;
  pident: number | null;
  length: number | null;
  mismatch: number | null;
  gapopen: number | null;
  qstart: number | null;
  qend: number | null;
  sstart: number | null;
  send: number | null;
  evalue: number | null;
  bitscore: number | null;
  qlen: number | null;
  slen: number | null;
  stitle: string | null;
  nident: number | null;
  positive: number | null;
  gaps: number | null;
  qframe: number | null;
  sframe: number | null;
  score: number | null;
  qseq: string | null;
  sseq: string | null;
  midline: string | null;
}

export interface Alignments extends Table<Hsp> {
  columns_missing: string[];
  sequences: { present: boolean; reason: string | null };
}

export type QueryStatus = "hits" | "no_hits" | "partial" | "unread" | "not_searched";

export interface Query {
  query: string;
  query_key: string;
  source: string | null;
  title: string | null;
  length: number | null;
  length_source: string | null;
  status: QueryStatus;
  message: string | null;
  subjects: number | null;
  hsps: number | null;
  best_bits: number | null;
  best_evalue: number | null;
}

export interface Queries extends Table<Query> {
  by_status: Partial<Record<QueryStatus, number>>;
}

export interface Aggregate extends Artifact {
  totals: {
    queries: number | null;
    queries_with_hits: number | null;
    subjects: number | null;
    pairs: number | null;
    hsps: number | null;
    scores_rounded: boolean;
  };
  units: { query_length: string | null; acc_len: string | null; align_length: string | null };
}

export interface Search {
  program: string | null;
  version: string | null;
  database: string | null;
  database_sequences: number | null;
  database_letters: number | null;
  files: number;
  parameters: Record<string, unknown>;
  options: Record<string, unknown>;
  max_target_seqs: number;
  max_target_seqs_given: boolean;
  methods: string;
}

export interface ResultFile {
  file_id: string;
  name: string;
  batch: number;
  format: string | null;
  state: "read" | "truncated" | "unreadable" | "unsupported" | "empty";
  reason: string | null;
  size: number;
  bytes: number;
  rows: number;
  rejected: number;
  rejected_lines: number[];
  break_offset: number | null;
  end_proof: "proved" | "missing" | "none";
  notices: Warning[];
}

export interface Manifest extends Artifact {
  searches: Search[];
  markers: { success: boolean; failure: string | null };
  batches: {
    found: number;
    submitted: number | null;
    missing: number;
    failed: { batch: number; exit_code: number }[];
  };
  side_files: string[];
  total: number;
  next_cursor: string | null;
  files: ResultFile[];
}

export type StepState =
  | "pending"
  | "started"
  | "finished"
  | "skipped"
  | "failed"
  | "interrupted"
  | "not_reported";

export interface Step {
  step: string;
  title: string;
  state: StepState;
  started_at: string | null;
  finished_at: string | null;
  duration_seconds: number | null;
  detail: string | null;
}

export interface TimeLine {
  status: JobStatus;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_seconds: number | null;
  error: Failure | null;
  first_error_line: string | null;
  steps: Step[];
}

export interface LogIndex {
  last: number | null;
  whole: boolean;
  missing: { from: number; to: number }[];
  count: number;
  chunks: { sequence: number; bytes: number }[];
}

export interface LogChunk {
  sequence: number;
  state: "whole" | "cut" | "blob_missing";
  lines: string[];
}

export interface SubmitRequest {
  title?: string;
  program: string;
  database: string;
  query: string;
  options: Record<string, unknown>;
}
