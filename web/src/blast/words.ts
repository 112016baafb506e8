import type { JobStatus, QueryStatus, ResultFile, StepState } from "../api/contract";

export const TERMINAL: ReadonlySet<JobStatus> = new Set(["completed", "failed", "cancelled"]);

export const JOB_STATUS: Record<JobStatus, string> = {
  submitting: "Submitting",
  queued: "Queued",
  running: "Running",
  cancelling: "Cancelling",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const STEP_STATE: Record<StepState, string> = {
  pending: "not yet",
  started: "under way",
  finished: "done",
  skipped: "skipped",
  failed: "failed",
  interrupted: "interrupted",
  not_reported: "not reported",
};

/** The steps every pipeline has; others bear their own title. */
export const STEPS: Record<string, string> = {
  preparing: "Preparing",
  warming_up: "Warming up",
  configuring: "Configuring",
  staging_db: "Staging the database",
  submitting: "Submitting batches",
  running: "Running BLAST",
  exporting_results: "Exporting results",
};

export const QUERY_STATUS: Record<QueryStatus, string> = {
  hits: "Hits",
  no_hits: "No hits",
  partial: "Hits, not read to the end",
  unread: "Not read",
  not_searched: "Not searched",
};

export const FILE_STATE: Record<ResultFile["state"], string> = {
  read: "Read",
  truncated: "Cut short",
  unreadable: "Unreadable",
  unsupported: "Not supported",
  empty: "Empty",
};

const REASONS: Record<string, string> = {
  columns_unknown: "its columns are not known",
  manifest_without_data: "it lists other files that were not uploaded; rerun with format 15 or 16",
  text_format: "a text format that is not read; rerun with format 5, 7 or 15",
  html: "HTML; rerun without -html",
  not_blast: "no BLAST output",
  crc: "its gzip check sum is wrong",
  time_budget: "reading it took too long",
  empty_format_unknown: "it is empty, and nothing tells whether that means “no hits”",
  superseded: "its content is in another file",
  truncated: "it ends in the middle",
};

/** Why a file was not read whole, in words; a code that has none yet as it is. */
export function reasonInWords(reason: string | null): string {
  return reason === null ? "" : (REASONS[reason] ?? reason.replaceAll("_", " "));
}

/** A count with its noun: `1 query`, `3 queries`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString("en-US").replaceAll(",", "\u2009")} ${count === 1 ? one : several}`;
}
