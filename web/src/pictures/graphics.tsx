import "../styles/pictures.css";
import { useDeferredValue, useState } from "react";
import type { Job } from "../api/contract";
import { useView } from "../api/hooks";
import { useEnvelope } from "../job/honesty";
import { BeingRead } from "../job/not-there-yet";
import { Note, Skeleton } from "../parts/notes";
import { Filters } from "../results/filters";
import { NoRows } from "../results/no-rows";
import { notHere } from "../results/pager";
import { QueryPicker } from "../results/query-picker";
import { askedOf, type Question, useQuestion } from "../results/question";
import { RowsError } from "../results/rows-error";
import { chosenPalette } from "./colours";
import type { Graphic } from "./contract";
import { subjectOf, useSearched } from "./of";
import { PaletteChoice } from "./palette-choice";
import { EvalueHistogram, IdentityHistogram, Scatter } from "./spread";
import { Summary } from "./summary";
import { reasonOf } from "./told";

/** One query in pictures, from the whole result. */
export default function GraphicsTab({ job }: { job: Job }) {
  const given = useQuestion();
  // Pictures are of one query.
  const question = { ...given.question, isAll: false };
  const asked = { ...given, question };
  const [palette, setPalette] = useState(chosenPalette);
  const searched = useSearched(job);
  const { sort: _, order: __, ...parameters } = askedOf(asked.question, asked.question.query);
  const view = useView<Graphic>(job, "results/graphic", parameters);
  const answer = view.data;
  const graphic = answer?.kind === "here" ? answer.body : null;
  // The summary first; the page answers to its user before it draws what lies below.
  const below = useDeferredValue(graphic, null);
  const key = graphic?.query_key ?? asked.question.query;
  const drawn = (from: Graphic) => ({
    jobId: job.job_id,
    graphic: from,
    palette,
    of: subjectOf(job, from, searched),
  });
  return (
    <>
      <QueryPicker job={job} current={key} name={graphic?.query} asked={asked} />
      <div className="toolbar">
        <Filters asked={asked} />
        <PaletteChoice palette={palette} onChoose={setPalette} />
      </div>
      <RowsError error={view.error} asked={asked} refetch={() => void view.refetch()} />
      {answer?.kind === "pending" && <BeingRead retryAfter={answer.retryAfter} />}
      {!answer && !view.error && <Skeleton rows={12} label="Loading pictures" />}
      {graphic && graphic.rows.length === 0 && (
        <NoPicture job={job} graphic={graphic} question={asked.question} query={key} />
      )}
      {graphic && graphic.rows.length > 0 && (
        <div className={view.isPlaceholderData ? "stale" : ""} aria-busy={view.isPlaceholderData}>
          {graphic.not_here ? (
            <Note kind="warn">
              <p>{notHere(graphic.not_here, ["subject", "subjects"])}.</p>
            </Note>
          ) : null}
          <Summary {...drawn(graphic)} />
          {below && (
            <>
              <Scatter {...drawn(below)} />
              <IdentityHistogram {...drawn(below)} question={question} />
              <EvalueHistogram {...drawn(below)} question={question} />
            </>
          )}
        </div>
      )}
    </>
  );
}

interface NoPictureProps {
  job: Job;
  graphic: Graphic;
  question: Question;
  query: string | null;
}

/** Why nothing is drawn; rows that tell no query, or are not in a report, are not said not to be there. */
function NoPicture({ job, graphic, question, query }: NoPictureProps) {
  const { figures } = useEnvelope(job);
  const reason = reasonOf(graphic, query, figures?.totals.hsps ?? null);
  if (!reason) {
    const table = { ...graphic, total: graphic.subjects, excluded_unknown: null };
    return <NoRows job={job} table={table} question={question} query={query} />;
  }
  return (
    <Note>
      <p role="status">{reason}</p>
    </Note>
  );
}
