import type { Job } from "../api/contract";

export default function QueriesTab({ job }: { job: Job }) {
  return <p>{job.job_id}</p>;
}
