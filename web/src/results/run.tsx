import { useState } from "react";
import type { Job, Step, TimeLine } from "../api/contract";
import { useLogChunk, useLogIndex, useTimeLine } from "../api/hooks";
import { formatCount } from "../blast/numbers";
import { counted, STEP_STATE, STEPS, TERMINAL } from "../blast/words";
import { ErrorNote, Skeleton } from "../parts/notes";
import { Lasting, Moment } from "../parts/time";

const OPENED_CHUNKS = 1;

export default function RunTab({ job }: { job: Job }) {
  const view = useTimeLine<TimeLine>(job);
  if (view.error) return <ErrorNote error={view.error} onRetry={() => void view.refetch()} />;
  if (view.data?.kind !== "here") return <Skeleton rows={8} label="Loading the time line" />;
  const line = view.data.body;
  return (
    <>
      <Failed line={line} />
      <ol className="steps" aria-label="Steps of the run">
        {line.steps.map((step) => (
          <StepRow key={step.step} job={job} step={step} />
        ))}
      </ol>
    </>
  );
}

/** Why the job failed, first of all. */
function Failed({ line: { error, first_error_line: first } }: { line: TimeLine }) {
  if (!error) return null;
  const { code, message, exit_code: exitCode, exit_code_meaning: meaning } = error;
  return (
    <div className="note bad" role="alert">
      <p>
        <strong>The search failed.</strong> {meaning ?? code.replaceAll("_", " ")}
        {exitCode !== null && ` (exit code ${exitCode})`}
      </p>
      {first && <pre>{first}</pre>}
      {message && message !== first && (
        <details>
          <summary>All that was said</summary>
          <pre>{message}</pre>
        </details>
      )}
    </div>
  );
}

function StepRow({ job, step }: { job: Job; step: Step }) {
  const [isOpen, setIsOpen] = useState(false);
  const name = STEPS[step.step] ?? step.title;
  const hasBegun = step.state !== "pending" && step.state !== "not_reported";
  return (
    <li className={`step ${step.state}`}>
      <div className="step-head">
        <span className="step-name">{name}</span>
        <span className="step-state">{STEP_STATE[step.state]}</span>
        <span className="step-time">
          {step.started_at && (
            <>
              <Moment at={step.started_at} />{" "}
              {(step.finished_at || step.state === "started") && (
                <Lasting from={step.started_at} to={step.finished_at} />
              )}
            </>
          )}
        </span>
        {hasBegun && (
          <button
            type="button"
            className="quiet"
            aria-expanded={isOpen}
            aria-label={`Log of ${name}`}
            onClick={() => setIsOpen(!isOpen)}
          >
            Log
          </button>
        )}
      </div>
      {step.detail && <Detail text={step.detail} />}
      {isOpen && <Log job={job} step={step.step} />}
    </li>
  );
}

/** The detail of a step is text or a JSON object; the latter is shown as its names and values. */
function Detail({ text }: { text: string }) {
  return <p className="step-detail">{detailInWords(text)}</p>;
}

export function detailInWords(text: string): string {
  try {
    const values: unknown = JSON.parse(text);
    if (values === null || typeof values !== "object" || Array.isArray(values)) return text;
    return Object.entries(values)
      .map(
        ([name, value]) =>
          `${name.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : value}`,
      )
      .join(" · ");
  } catch {
    return text;
  }
}

/** A log chunk by chunk: the last ones first shown, for that is where errors are. */
function Log({ job, step }: { job: Job; step: string }) {
  const index = useLogIndex(job, step);
  const [opened, setOpened] = useState(OPENED_CHUNKS);
  if (index.error) return <ErrorNote error={index.error} onRetry={() => void index.refetch()} />;
  if (!index.data) return <Skeleton rows={3} label="Loading the log" />;
  const { chunks, count, missing, whole } = index.data;
  if (count === 0) return <p className="help">This step wrote no log.</p>;
  const shown = chunks.slice(-opened);
  const hidden = chunks.length - shown.length;
  return (
    <div className="log-chunks">
      {hidden > 0 && (
        <button type="button" onClick={() => setOpened(opened + 10)}>
          {counted(hidden, "earlier chunk")}
        </button>
      )}
      {missing.length > 0 && (
        <p className="note warn">
          Chunks are missing:{" "}
          {missing.map(({ from, to }) => (from === to ? from : `${from}–${to}`)).join(", ")}.
        </p>
      )}
      {shown.map(({ sequence }) => (
        <Chunk key={sequence} job={job} step={step} sequence={sequence} />
      ))}
      {!whole && (
        <p className="help">
          {TERMINAL.has(job.status)
            ? "Whether this is all of the log is not known."
            : "More may come."}
        </p>
      )}
    </div>
  );
}

function Chunk({ job, step, sequence }: { job: Job; step: string; sequence: number }) {
  const chunk = useLogChunk(job, step, sequence);
  if (chunk.error) return <ErrorNote error={chunk.error} onRetry={() => void chunk.refetch()} />;
  if (!chunk.data) return <Skeleton rows={2} label="Loading a part of the log" />;
  const { state, lines } = chunk.data;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre className="log" tabIndex={0}>
        {lines.join("\n")}
      </pre>
      {state === "cut" && (
        <p className="help">Cut after {formatCount(lines.length)} lines; the file has more.</p>
      )}
      {state === "blob_missing" && <p className="help">The file of this part is gone.</p>}
    </>
  );
}
