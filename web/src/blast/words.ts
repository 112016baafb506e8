import type { JobStatus, QueryStatus, ResultFile, StepState } from "../api/contract";
import { formatCount } from "./numbers";

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

const RERUN = "rerun with -outfmt 5, 7, 15 or 16";

const REASONS: Record<string, string> = {
  asn1_alignment: `ASN.1, which is not read; ${RERUN}`,
  asn1_archive: `a BLAST archive (format 11), which is not read; convert it with blast_formatter, or ${RERUN}`,
  asn1_binary: `binary ASN.1, which is not read; ${RERUN}`,
  columns_differ: "its rows have other columns than were asked for",
  columns_unknown: "nothing tells what its columns are",
  crc: "its gzip check sum is wrong",
  empty_format_unknown: "it is empty, and nothing tells whether that means “no hits”",
  empty_report: "it has no report in it",
  gzip_corrupt: "its gzip data are damaged",
  gzip_cut: "it ends in the middle of its gzip data",
  gzip_in_gzip: "it is packed twice",
  html: "HTML; rerun without -html",
  json_alignment: `JSON of another kind, which is not read; ${RERUN}`,
  manifest_without_data:
    "it only names other files, which are not here; rerun with -outfmt 15 or 16",
  not_blast: "it is no BLAST output",
  packed: "it is packed in a way that is not read",
  part_failed: "it, or a file that is read together with it, could not be read",
  sam: `SAM, which is not read; ${RERUN}`,
  superseded: "what it has is in another file too",
  text_format: `text for reading, which is not parsed; ${RERUN}`,
  time_budget: "reading it took too long",
  trailing_data: "something else follows behind its gzip data",
  utf16: "UTF-16, which is not read",
};

/** Why a file was not read whole, in words; a code that has none yet as it is. */
export function reasonInWords(reason: string | null): string {
  return reason === null ? "" : (REASONS[reason] ?? reason.replaceAll("_", " "));
}

/** A count with its noun: `1 query`, `3 queries`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : several}`;
}
