import type { JobStatus } from "../api/contract";
import { JOB_STATUS } from "../blast/words";

export function Status({ status }: { status: JobStatus }) {
  return <span className={`status ${status}`}>{JOB_STATUS[status]}</span>;
}
