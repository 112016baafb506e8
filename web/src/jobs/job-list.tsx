import { Link, useSearchParams } from "react-router";
import type { JobRow } from "../api/contract";
import { useJobs } from "../api/hooks";
import { STEPS } from "../blast/words";
import { ErrorNote, Skeleton } from "../parts/notes";
import { Status } from "../parts/status";
import { Lasting, Moment } from "../parts/time";
import { useTitle } from "../parts/title";

const SHOWN = {
  "": "all",
  "submitting,queued,running,cancelling": "under way",
  completed: "completed",
  "failed,cancelled": "failed or cancelled",
};

export default function JobList() {
  useTitle("Jobs");
  const [search, setSearch] = useSearchParams();
  const statuses = search.get("status") ?? "";
  const jobs = useJobs(statuses);
  const rows = jobs.data?.pages.flatMap((page) => page.jobs) ?? [];
  return (
    <>
      <div className="head">
        <h1>Jobs</h1>
        <label>
          Show{" "}
          <select
            value={statuses}
            onChange={(event) =>
              setSearch(event.target.value ? { status: event.target.value } : {})
            }
          >
            {Object.entries(SHOWN).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <Link className="primary button" to="/new">
          New search
        </Link>
      </div>
      {jobs.error && <ErrorNote error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {jobs.isPending && <Skeleton rows={8} label="Loading jobs" />}
      {jobs.isSuccess && rows.length === 0 && !jobs.hasNextPage && (
        <p className="empty">
          {statuses ? "No such jobs." : "You have no jobs yet."}{" "}
          <Link to="/new">Start a search</Link>
        </p>
      )}
      {rows.length > 0 && <JobTable rows={rows} />}
      {jobs.hasNextPage && (
        <button
          type="button"
          disabled={jobs.isFetchingNextPage}
          onClick={() => void jobs.fetchNextPage()}
        >
          {jobs.isFetchingNextPage ? "Loading…" : "Older jobs"}
        </button>
      )}
    </>
  );
}

function JobTable({ rows }: { rows: JobRow[] }) {
  return (
    <div className="scroll">
      <table className="jobs stacked">
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Status</th>
            <th scope="col">Search</th>
            <th scope="col">Submitted</th>
            <th scope="col" className="right">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((job) => (
            <tr key={job.job_id}>
              <th scope="row">
                <Link to={`/jobs/${job.job_id}`}>{job.title ?? job.job_id}</Link>
              </th>
              <td>
                <Status status={job.status} />
                {job.phase && <small> {STEPS[job.phase] ?? job.phase}</small>}
              </td>
              <td>
                {job.program || <small>program not known</small>}
                {job.database && <small> in </small>}
                {job.database}
              </td>
              <td>
                <Moment at={job.created_at} />
              </td>
              <td className="right">
                <Lasting from={job.created_at} to={job.finished_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
