import type { Job } from "../api/contract";

export function AlignmentsTab({ job }: { job: Job }) {
  return <p>{job.job_id}</p>;
}
