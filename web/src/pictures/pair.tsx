import "../styles/pictures.css";
import { useState } from "react";
import { NOT_IN_REPORT, Problem } from "../api/client";
import type { Aggregate, Job } from "../api/contract";
import { useView } from "../api/hooks";
import { formatBits, formatCount } from "../blast/numbers";
import { useEnvelope } from "../job/honesty";
import { ErrorNote, Note, Skeleton } from "../parts/notes";
import { shortened } from "./caption";
import { chosenPalette, colourOf, type Palette } from "./colours";
import type { DrawnSubject, Graphic } from "./contract";
import { useLinks } from "./links";
import { NumbersTable } from "./numbers-table";
import { subjectOf, useSearched } from "./of";
import {
  bandOf,
  diagonalOf,
  lengthOf,
  type Match,
  matchesOf,
  placesOf,
  type Scale,
  type Span,
  scaled,
  scaleWords,
  spanOf,
  weightsOf,
} from "./pair-layout";
import { PaletteChoice } from "./palette-choice";
import { Axis, Picture, type Subject } from "./picture";
import { besides, labelAt, MARGIN, ticksBetween, WIDTH } from "./summary-layout";
import { matchesWords, undrawnWords } from "./told";

interface Props {
  job: Job;
  query: string;
  subject: string;
}

/** One query and one subject in pictures: their HSPs as bands between the two, and as diagonals. */
export default function PairPictures({ job, query, subject }: Props) {
  const [palette, setPalette] = useState(chosenPalette);
  const { figures } = useEnvelope(job);
  const searched = useSearched(job);
  const view = useView<Graphic>(job, "results/graphic", { query, subject });
  const graphic = view.data?.kind === "here" ? view.data.body : null;
  const row = graphic?.rows[0];
  if (view.error instanceof Problem && view.error.code === NOT_IN_REPORT)
    return <Undrawn words="The pictures of this pair are not in this report." />;
  if (view.error) return <ErrorNote error={view.error} />;
  if (!graphic) return <Skeleton rows={6} label="Loading the pictures" />;
  const matches = row ? matchesOf(row.hsps) : [];
  if (!row || matches.length === 0) return <Undrawn words={undrawnWords(row)} />;
  const addressOf = (match: Match) =>
    hspAddress(job.job_id, graphic.query_key ?? query, subject, match);
  const drawn = {
    row,
    matches,
    units: figures?.units ?? { query_length: null, acc_len: null, align_length: null },
    extent: graphic.extent ?? 1,
    palette,
    of: pairOf(subjectOf(job, graphic, searched), row),
    addressOf,
  };
  return (
    <details className="pair" open>
      <summary>Pictures of this pair</summary>
      <PaletteChoice palette={palette} onChoose={setPalette} />
      <Bands {...drawn} />
      <DotPlot {...drawn} />
    </details>
  );
}

function Undrawn({ words }: { words: string }) {
  return (
    <Note>
      <p role="status">{words}</p>
    </Note>
  );
}

/** The alignment behind a band: others may have its score, none its places. */
function hspAddress(jobId: string, query: string, subject: string, match: Match): string {
  const search = new URLSearchParams({ query, subject, places: placesOf(match) });
  return `/jobs/${jobId}/alignments?${search}`;
}

function pairOf({ job, lines: [query = "", ...others] }: Subject, row: DrawnSubject): Subject {
  return { job, lines: [query, `Subject: ${row.subject ?? "unnamed"}`, ...others] };
}

interface DrawnPair {
  row: DrawnSubject;
  matches: Match[];
  units: Aggregate["units"];
  extent: number;
  palette: Palette;
  of: Subject;
  addressOf(match: Match): string;
}

const [BAND_TOP, BAND_BOTTOM, BAND_HEIGHT] = [60, 200, 260];

function spansOf({ matches, row, extent, units }: DrawnPair): [Span, Span] {
  const [queryWeight, subjectWeight] = weightsOf(units);
  const onSubject = matches.flatMap(({ subject }) => subject);
  const reach = (extent * queryWeight) / subjectWeight;
  return [{ from: 1, to: extent }, spanOf(onSubject, row.acc_len, reach)];
}

/** As Kablammo draws them: query above, subject below, both to the same scale. */
function Bands(pair: DrawnPair) {
  const { matches, palette, row, units } = pair;
  const { words, rest } = matchesWords(matches.length, row);
  const { hrefOf } = useLinks();
  const [query, subject] = spansOf(pair);
  const [queryWeight, subjectWeight] = weightsOf(units);
  const longest = Math.max(lengthOf(query) * queryWeight, lengthOf(subject) * subjectWeight);
  const perNucleotide = (WIDTH - 2 * MARGIN) / longest;
  const onQuery = scaled(query, MARGIN, perNucleotide * queryWeight);
  const onSubject = scaled(subject, MARGIN, perNucleotide * subjectWeight);
  return (
    <Picture
      name="pair"
      title="Query and subject"
      of={pair.of}
      width={WIDTH}
      height={BAND_HEIGHT}
      text={`${words} as bands from the query (above) to ${row.subject ?? "the subject"} (below), ${scaleWords(units)}, in the colours of their bit scores; the sides of a band cross where the strands differ.${rest}${cutWords(subject, row)} A click opens the alignment.`}
      table={() => <Matches matches={matches} addressOf={pair.addressOf} />}
    >
      <Bar scale={onQuery} span={query} y={BAND_TOP - 8} name="query" labelsAt={BAND_TOP - 14} />
      <Bar
        scale={onSubject}
        span={subject}
        y={BAND_BOTTOM}
        name={row.subject ?? "subject"}
        labelsAt={BAND_BOTTOM + 22}
      />
      {matches.map((match, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bands never change places
        <a key={n} href={hrefOf(pair.addressOf(match))} tabIndex={-1}>
          <title>{matchWords(match)}</title>
          <polygon
            points={bandOf(match, onQuery, onSubject, BAND_TOP, BAND_BOTTOM)}
            fill={colourOf(match.score, palette)}
            fillOpacity="0.55"
            stroke={colourOf(match.score, palette)}
            strokeWidth="0.7"
          />
        </a>
      ))}
    </Picture>
  );
}

function cutWords(subject: Span, { acc_len: length }: DrawnSubject): string {
  if (length === null || (subject.from === 1 && subject.to >= length)) return "";
  return ` Of the ${formatCount(length)} letters of the subject ${formatCount(subject.from)} to ${formatCount(subject.to)} are drawn.`;
}

interface BarProps {
  scale: Scale;
  span: Span;
  y: number;
  name: string;
  labelsAt: number;
}

function Bar({ scale, span, y, name, labelsAt }: BarProps) {
  const first = formatCount(span.from);
  const ticks = ticksBetween(span.from, span.to, 8).map((tick) => ({
    x: scale(tick),
    text: formatCount(tick),
  }));
  return (
    <g>
      <rect
        x={scale(span.from)}
        y={y}
        width={scale(span.to + 1) - scale(span.from)}
        height="8"
        fill="#56616b"
        data-bar={name}
      />
      <text x={scale(span.from)} y={labelsAt}>
        {first}
      </text>
      {besides(ticks, scale(span.from), first).map(({ x, text }) => (
        <text key={text} x={labelAt(x, text)} y={labelsAt} textAnchor="middle">
          {text}
        </text>
      ))}
      <text x={MARGIN} y={labelsAt < y ? labelsAt - 16 : labelsAt + 18} fontWeight="bold">
        {shortened(name, 100)}
      </text>
    </g>
  );
}

const [LEFT, RIGHT, TOP, BOTTOM] = [110, 970, 20, 420];

/** Query to the right, subject upwards; an HSP is a diagonal, one of different strands falls. */
function DotPlot(pair: DrawnPair) {
  const { matches, palette, row } = pair;
  const { words, rest } = matchesWords(matches.length, row);
  const { hrefOf } = useLinks();
  const [query, subject] = spansOf(pair);
  const onQuery = scaled(query, LEFT, (RIGHT - LEFT) / lengthOf(query));
  const onSubject = scaled(subject, BOTTOM, (TOP - BOTTOM) / lengthOf(subject));
  return (
    <Picture
      name="dot-plot"
      title="Dot plot"
      of={pair.of}
      width={WIDTH}
      height={BOTTOM + 44}
      text={`${words} as diagonals: place on the query to the right, on ${row.subject ?? "the subject"} upwards; one whose strands differ falls.${rest}${cutWords(subject, row)} A click opens the alignment.`}
      table={() => <Matches matches={matches} addressOf={pair.addressOf} />}
    >
      <rect
        x={LEFT}
        y={TOP}
        width={RIGHT - LEFT}
        height={BOTTOM - TOP}
        fill="none"
        stroke="#9aa6b0"
      />
      <Axis
        y={BOTTOM}
        label="query"
        at={ticksBetween(query.from, query.to, 8).map((tick) => ({
          x: onQuery(tick),
          text: formatCount(tick),
        }))}
      />
      <g textAnchor="end">
        {ticksBetween(subject.from, subject.to, 6).map((tick) => (
          <text key={tick} x={LEFT - 6} y={onSubject(tick) + 4}>
            {formatCount(tick)}
          </text>
        ))}
        <text transform={`translate(24 ${(TOP + BOTTOM) / 2}) rotate(-90)`} textAnchor="middle">
          {shortened(row.subject ?? "subject", 50)}
        </text>
      </g>
      {matches.map((match, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: diagonals never change places
        <a key={n} href={hrefOf(pair.addressOf(match))} tabIndex={-1}>
          <title>{matchWords(match)}</title>
          <line
            {...diagonalOf(match, onQuery, onSubject)}
            stroke={colourOf(match.score, palette)}
            strokeWidth="3"
            strokeLinecap="round"
          />
        </a>
      ))}
    </Picture>
  );
}

function matchWords({ query, subject, score }: Match): string {
  const bits = score === null ? "" : `, ${formatBits(score)} bits`;
  return `Query ${query[0]}–${query[1]}, subject ${subject[0]}–${subject[1]}${bits}`;
}

function Matches({ matches, addressOf }: Pick<DrawnPair, "matches" | "addressOf">) {
  const bestFirst = matches.toReversed();
  return (
    <NumbersTable
      head={["Query", "Subject", "Bits"]}
      rows={bestFirst.map(({ query, subject, score }) => [
        query.join("–"),
        subject.join("–"),
        score === null ? "–" : formatBits(score),
      ])}
      to={(n) => addressOf(bestFirst[n] as Match)}
    />
  );
}
