import { lazy, Suspense } from "react";
import { Link } from "react-router";
import type { Alignments, Hsp, Job } from "../api/contract";
import { useView } from "../api/hooks";
import { formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import { useEnvelope } from "../job/honesty";
import { BeingRead } from "../job/not-there-yet";
import { alignsProteins } from "../jobs/programs";
import { ErrorNote, Note, Skeleton } from "../parts/notes";
import { useSession } from "../session";
import { Alignment } from "./alignment";
import { Exports } from "./exports";
import { Filters } from "./filters";
import { NoRows } from "./no-rows";
import { Pager } from "./pager";
import { pickParts } from "./picks";
import { QueryPicker } from "./query-picker";
import { type Asked, addressOf, askedOf, HSP_FILTERS, useQuestion } from "./question";
import { useRows } from "./rows";
import { RowsError } from "./rows-error";
import { SortChoice, type Sorts } from "./sort-choice";

const PairPictures = lazy(() => import("../pictures/pair"));

const SORTS: Sorts = {
  "": { words: "as in the result", order: null },
  evalue: { words: "E value", order: "asc" },
  bitscore: { words: "score", order: "desc" },
  pident: { words: "identity", order: "desc" },
  qstart: { words: "place on the query", order: "asc" },
  sstart: { words: "place on the subject", order: "asc" },
};

export default function AlignmentsTab({ job }: { job: Job }) {
  const asked = useQuestion(HSP_FILTERS);
  return asked.question.picks.length > 0 ? (
    <PickedAlignments job={job} asked={asked} />
  ) : (
    <AllAlignments job={job} asked={asked} />
  );
}

interface Props {
  job: Job;
  asked: Asked;
}

function AllAlignments({ job, asked }: Props) {
  const { question } = asked;
  const rows = useRows<Hsp, Alignments>(job, "results/alignments", question);
  const { body } = rows;
  const { subject } = question.filters;
  // A report may have the picture of a pair and not its rows.
  const { isReport } = useSession();
  const mayBeDrawn = body ? body.rows.length > 0 : isReport;
  return (
    <>
      <QueryPicker job={job} current={rows.query} name={body?.rows[0]?.qseqid} asked={asked} />
      <div className="toolbar">
        <Filters asked={asked} />
        <SortChoice asked={asked} sorts={SORTS} />
        <Exports job={job} table="alignments" asked={askedOf(question, rows.query)} />
      </div>
      <RowsError error={rows.error} asked={asked} refetch={rows.refetch} />
      {rows.pending && <BeingRead retryAfter={rows.pending.retryAfter} />}
      {!body && !rows.error && !rows.pending && <Skeleton rows={12} label="Loading alignments" />}
      {body && body.rows.length === 0 && (
        <NoRows job={job} table={body} question={question} query={rows.query} />
      )}
      {subject && rows.query && mayBeDrawn && (
        <Suspense fallback={<Skeleton rows={6} label="Loading the pictures" />}>
          <PairPictures job={job} query={rows.query} subject={subject} />
        </Suspense>
      )}
      {body && body.rows.length > 0 && (
        <>
          <Hsps job={job} table={body} isStale={rows.isStale} />
          <Pager table={body} asked={asked} what={["HSP", "HSPs"]} />
        </>
      )}
    </>
  );
}

/** The HSPs of the rows that were picked in the descriptions, subject by subject. */
function PickedAlignments({ job, asked }: Props) {
  const { picks } = asked.question;
  return (
    <>
      <div className="toolbar">
        <p>Alignments of {counted(picks.length, "picked row")}.</p>
        <button type="button" onClick={() => asked.ask({})}>
          Show all
        </button>
      </div>
      {picks.map((pick) => (
        <Picked key={pick} job={job} pick={pick} />
      ))}
    </>
  );
}

/** The HSPs of one picked row: the first page of them, and where the others are. */
function Picked({ job, pick }: { job: Job; pick: string }) {
  const { query, subject } = pickParts(pick);
  const view = useView<Alignments>(job, "results/alignments", { query, subject });
  if (view.error) return <ErrorNote error={view.error} onRetry={() => void view.refetch()} />;
  if (view.data?.kind === "pending") return <BeingRead retryAfter={view.data.retryAfter} />;
  if (!view.data) return <Skeleton rows={6} label="Loading alignments" />;
  const table = view.data.body;
  const all = table.filtered + (table.not_here ?? 0);
  return (
    <>
      <Hsps job={job} table={table} isStale={view.isPlaceholderData} />
      {table.rows.length < all && (
        <p className="note">
          {formatCount(table.rows.length)} of {counted(all, "HSP")} of{" "}
          <Link to={addressOf(job.job_id, "alignments", query, subject)}>{subject}</Link>.
        </p>
      )}
    </>
  );
}

interface HspsProps {
  job: Job;
  table: Alignments;
  isStale: boolean;
}

function Hsps({ job, table, isStale }: HspsProps) {
  const { figures } = useEnvelope(job);
  const isRounded = figures?.totals.scores_rounded ?? false;
  // A job that was adopted may not know its program; the letters that it aligns are known.
  const program = job.program || (figures?.units.align_length === "nt" ? "blastn" : "");
  const { present, reason } = table.sequences;
  const isBare = alignsProteins(program) && table.rows.some((hsp) => hsp.qseq && !hsp.midline);
  return (
    <div className={isStale ? "stale" : ""} aria-busy={isStale}>
      {!present && reason && (
        <Note kind="warn">
          <p>{reason}</p>
        </Note>
      )}
      {isBare && (
        <p className="help">
          The format has no middle line: identical letters are marked, similar ones are not.
        </p>
      )}
      {table.rows.map((hsp, n) => (
        <Alignment
          // biome-ignore lint/suspicious/noArrayIndexKey: two HSPs can be alike in everything
          key={`${hsp.query_key} ${hsp.sseqid} ${n}`}
          jobId={job.job_id}
          hsp={hsp}
          program={program}
          isNewSubject={isNewSubject(hsp, table.rows[n - 1])}
          isRounded={isRounded}
        />
      ))}
    </div>
  );
}

function isNewSubject(hsp: Hsp, before: Hsp | undefined): boolean {
  return hsp.sseqid !== before?.sseqid || hsp.query_key !== before.query_key;
}
