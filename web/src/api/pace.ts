import { type Answer, Problem } from "./client";
import type { Job } from "./contract";

const SHORTEST_MS = 1500;
const LONGEST_MS = 15_000;
/** Of the time that nothing has changed; what has stood for long will not move at once. */
const SHARE = 0.1;

/** Whether asking again cannot help: the job is gone, or the caller is not let in. */
export function isFinal(error: Error | null): boolean {
  return error instanceof Problem && !error.isPassing;
}

/** Milliseconds until a job that moves is asked for again: the rarer, the longer it has stood, and never too early. */
export function paceOf(
  job: Pick<Job, "updated_at">,
  error: Error | null,
  now = Date.now(),
): number {
  const standing = SHARE * (now - Date.parse(job.updated_at));
  return Math.max(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, standing)), wantedBy(error));
}

/** Milliseconds until a view that is pending is asked for again; false for one that is here. */
export function waitOf(answer: Answer<unknown> | undefined, error: Error | null): number | false {
  if (answer?.kind !== "pending" || isFinal(error)) return false;
  return Math.max(answer.retryAfter * 1000, wantedBy(error));
}

/** Milliseconds before the next try after so many failed ones: twice as long each time, or what the server wants. */
export function delayOf(tries: number, error: Error): number {
  return Math.max(1000 * 2 ** tries, wantedBy(error));
}

function wantedBy(error: Error | null): number {
  return error instanceof Problem ? error.retryAfter * 1000 : 0;
}
