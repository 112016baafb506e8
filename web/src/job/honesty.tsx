import type { Aggregate, Artifact, Job, Manifest } from "../api/contract";
import { useView } from "../api/hooks";
import { counted, FILE_STATE, reasonInWords } from "../blast/words";
import { BeingRead } from "./not-there-yet";

/** The aggregate, or where that could not be built the manifest: what was read, and whether that was all. */
export function useEnvelope(job: Job) {
  const hasFigures = job.artifacts.result_aggregate?.state !== "failed";
  const aggregate = useView<Aggregate>(job, "results/aggregate", {}, hasFigures);
  const manifest = useView<Manifest>(job, "results", {}, !hasFigures);
  const view = hasFigures ? aggregate : manifest;
  const answer = view.data;
  const artifact: Artifact | null = answer?.kind === "here" ? answer.body : null;
  const figures = aggregate.data?.kind === "here" ? aggregate.data.body : null;
  return { artifact, figures, isWaiting: view.isLoading };
}

/** Says what the results lack: nothing below it may be taken for more than it is. */
export function Honesty({ job, envelope }: { job: Job; envelope: Artifact | null }) {
  const pending = Object.values(job.artifacts).some(
    ({ state }) => state === "pending" || state === "missing",
  );
  if (!envelope) return pending ? <BeingRead retryAfter={2} /> : null;
  const { complete, sources, warnings } = envelope;
  return (
    <section className="honesty" aria-label="How far these results go">
      {!complete && <Incomplete job={job} artifact={envelope} />}
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
              {reason && `: ${reasonInWords(reason)}`}
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p>and {counted(more, "more file")}; the tab Files has them all.</p>}
    </div>
  );
}
