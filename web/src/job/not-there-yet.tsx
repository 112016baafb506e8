import { Link } from "react-router";
import type { Job } from "../api/contract";
import { STEPS } from "../blast/words";
import { Note } from "../parts/notes";

/** A search that has not ended has no results to show; that is no failure. */
export function NotThereYet({ job }: { job: Job }) {
  const phase = job.phase && (STEPS[job.phase] ?? job.phase);
  return (
    <Note>
      <p role="status">
        The search is {job.status}
        {phase && ` (${phase.toLowerCase()})`}. Its results appear here by themselves when it has
        ended.
      </p>
      <p>
        <Link to={`/jobs/${job.job_id}/run`}>Follow the run</Link>
      </p>
    </Note>
  );
}

/** Results that are there but not read yet. */
export function BeingRead({ retryAfter }: { retryAfter: number }) {
  return (
    <Note>
      <p role="status">
        The search has ended and its result files are being read. This page fills in by itself; it
        looks again every {retryAfter} s.
      </p>
    </Note>
  );
}
