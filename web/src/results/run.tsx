import type { Job } from "../api/contract";

export default function RunTab({ job }: { job: Job }) {
  return <p>{job.job_id}</p>;
}
