import type { Aggregate, Artifact, Job, Manifest } from "../api/contract";
import { useView } from "../api/hooks";
import { counted, FILE_STATE, reasonInWords } from "../blast/words";
import { BeingRead } from "./not-there-yet";

/** The aggregate, or where that could not be built the manifest: what was read, and whether that was all. */
export function useEnvelope(job: Job) {
  const isBuilt = job.artifacts.result_aggregate?.state !== "failed";
  const aggregate = useView<Aggregate>(job, "results/aggregate", {}, isBuilt);
  const hasFigures = isBuilt && !aggregate.error;
  const manifest = useView<Manifest>(job, "results", {}, !hasFigures);
  const view = hasFigures ? aggregate : manifest;
  const answer = view.data;
  const artifact: Artifact | null = answer?.kind === "here" ? answer.body : null;
  const figures = aggregate.data?.kind === "here" ? aggregate.data.body : null;
  const refetch = () => void Promise.all([isBuilt && aggregate.refetch(), manifest.refetch()]);
  return { artifact, figures, isWaiting: view.isLoading, error: view.error, refetch };
}

interface Props {
  job: Job;
  envelope: ReturnType<typeof useEnvelope>;
}

/** Says what the results lack: nothing below it may be taken for more than it is. */
export function Honesty({ job, envelope: { artifact, error, refetch } }: Props) {
  const pending = Object.values(job.artifacts).some(
    ({ state }) => state === "pending" || state === "missing",
  );
  if (!artifact && error) return <Unproved error={error} onRetry={refetch} />;
  if (!artifact) return pending ? <BeingRead retryAfter={2} /> : null;
  const { complete, sources, warnings } = artifact;
  return (
    <section className="honesty" aria-label="How far these results go">
      {!complete && <Incomplete job={job} artifact={artifact} />}
      {warnings.length > 0 && (
        <details className="warnings" open={!complete}>
          <summary>{counted(warnings.length, "note")} on these results</summary>
          <ul>
            {warnings.map(({ code, text }) => (
              <li key={code}>{text}</li>
            ))}
          </ul>
        </details>
      )}
      {complete && sources.rejected > 0 && (
        <p>{counted(sources.rejected, "row")} could not be read.</p>
      )}
    </section>
  );
}

/** What is shown may be less than the whole, as nothing could say that it is not. */
function Unproved({ error, onRetry }: { error: Error; onRetry(): void }) {
  return (
    <div className="note warn" role="alert">
      <p>
        <strong>Whether these results are complete is not known.</strong> {error.message}
      </p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

const NOT_PROVED = ", but maybe not the whole of it";

function Incomplete({ job, artifact: { sources } }: { job: Job; artifact: Artifact }) {
  const more = (sources.not_whole_total ?? sources.not_whole.length) - sources.not_whole.length;
  const because =
    job.status === "completed"
      ? "Something that the search produced is missing or could not be read to its end."
      : `The search ${job.status === "failed" ? "failed" : "was cancelled"} before its end.`;
  return (
    <div className="note warn" role="alert">
      <p>
        <strong>These results are not complete.</strong> {because} There may be more hits than are
        shown.
      </p>
      {sources.not_whole.length > 0 && (
        <ul>
          {sources.not_whole.map(({ name, state, reason }) => (
            <li key={name}>
              <code>{name}</code>{" "}
              {FILE_STATE[state as keyof typeof FILE_STATE]?.toLowerCase() ?? state}
              {reason ? `: ${reasonInWords(reason)}` : state === "read" && NOT_PROVED}
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p>and {counted(more, "more file")}; the tab Files has them all.</p>}
    </div>
  );
}
