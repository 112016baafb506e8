import type { Job } from "../api/contract";

export default function FilesTab({ job }: { job: Job }) {
  return <p>{job.job_id}</p>;
}
