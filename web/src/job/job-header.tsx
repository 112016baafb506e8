import { useState } from "react";
import { useNavigate } from "react-router";
import type { Job } from "../api/contract";
import { type Command, isSettled, useCommand, useDelete } from "../api/hooks";
import { TERMINAL } from "../blast/words";
import { Confirm } from "../parts/confirm";
import { ErrorNote } from "../parts/notes";
import { Status } from "../parts/status";
import { Lasting, Moment } from "../parts/time";
import { useEnvelope } from "./honesty";
import { Totals } from "./totals";

export function JobHeader({ job, isStale }: { job: Job; isStale: boolean }) {
  const { figures } = useEnvelope(job);
  return (
    <header className="job">
      <div className="head">
        <h1>{job.title ?? job.job_id}</h1>
        <Status status={job.status} />
        <Actions job={job} />
      </div>
      <p className="facts">
        <span>
          <strong>{job.program || "program not known"}</strong>
          {job.database && ` in ${job.database}`}
        </span>
        <span>
          submitted <Moment at={job.created_at} />
        </span>
        <span>
          {TERMINAL.has(job.status) ? "took" : "for"}{" "}
          <Lasting from={job.created_at} to={job.finished_at} />
        </span>
        {job.run > 1 && <span>run {job.run}</span>}
      </p>
      <p className="facts">
        {figures && <Totals totals={figures.totals} />}
        {TERMINAL.has(job.status) && !isSettled(job) && (
          <span role="status">result files are being read</span>
        )}
      </p>
      {isStale && (
        <p className="note warn" role="status">
          The server does not answer just now; what is shown may be out of date.
        </p>
      )}
      {job.warnings.map(({ code, text }) => (
        <p key={code} className="note warn">
          {text}
        </p>
      ))}
    </header>
  );
}

function Actions({ job }: { job: Job }) {
  const [question, setQuestion] = useState<"delete" | Command | null>(null);
  const command = useCommand(job.job_id);
  const remove = useDelete(job.job_id);
  const navigate = useNavigate();
  const hasEnded = TERMINAL.has(job.status);
  const isBusy = command.isPending || remove.isPending;
  const error = command.error ?? remove.error;
  const close = () => setQuestion(null);
  return (
    <div className="buttons">
      {!hasEnded && job.status !== "cancelling" && (
        <button type="button" disabled={isBusy} onClick={() => setQuestion("cancel")}>
          Cancel
        </button>
      )}
      {hasEnded && (
        <button type="button" disabled={isBusy} onClick={() => setQuestion("retry")}>
          Retry
        </button>
      )}
      {hasEnded && (
        <button
          type="button"
          disabled={isBusy}
          title="Read the result files anew"
          onClick={() => command.mutate("rebuild")}
        >
          Rebuild
        </button>
      )}
      <button type="button" disabled={isBusy} onClick={() => setQuestion("delete")}>
        Delete
      </button>
      {error && <ErrorNote error={error} />}
      {question === "cancel" && (
        <Confirm
          title="Cancel this search?"
          action="Cancel the search"
          onConfirm={() => command.mutate("cancel")}
          onClose={close}
        >
          <p>
            It is stopped where it is. What it has found so far is kept, and says that it is not
            complete.
          </p>
        </Confirm>
      )}
      {question === "retry" && (
        <Confirm
          title="Search again?"
          action="Search again"
          onConfirm={() => command.mutate("retry")}
          onClose={close}
        >
          <p>
            The same search runs once more, as run {job.run + 1}. What this run has found is
            replaced.
          </p>
        </Confirm>
      )}
      {question === "delete" && (
        <Confirm
          title="Delete this job?"
          action="Delete for good"
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate("/") })}
          onClose={close}
        >
          <p>
            “{job.title ?? job.job_id}”, its query and its results are removed. This cannot be
            undone.
          </p>
        </Confirm>
      )}
    </div>
  );
}
