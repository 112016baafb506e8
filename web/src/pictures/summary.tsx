import { useState } from "react";
import { formatBits, formatCount, formatEvalue } from "../blast/numbers";
import { Note } from "../parts/notes";
import { addressOf } from "../results/question";
import { CLASSES, PALETTES, type Palette, UNKNOWN_COLOUR } from "./colours";
import type { DrawnSubject, Graphic } from "./contract";
import { useLinks } from "./links";
import { NumbersTable } from "./numbers-table";
import { Axis, Picture, type Subject } from "./picture";
import { BAR_HEIGHT, MARGIN, ROW_HEIGHT, rowOf, scaleOf, ticks, WIDTH } from "./summary-layout";
import {
  behindWords,
  hspsWords,
  isOnQuery,
  nameOf,
  placelessWords,
  placesOf,
  summaryWords,
} from "./told";

const SHOWN = 500;
const KEY_TOP = 8;
const QUERY_TOP = 40;
const FIRST_ROW = 74;

interface Props {
  jobId: string;
  graphic: Graphic;
  palette: Palette;
  of: Subject;
}

/** NCBI's graphic summary: the query on top, a row a subject, its HSPs in the colour of their bit scores. */
export function Summary(props: Props) {
  const { graphic } = props;
  if (graphic.rows.some(isOnQuery)) return <Drawn {...props} />;
  return (
    <Note kind="warn">
      <p role="status">{behindWords(graphic, graphic.shown_subjects) ?? placelessWords(graphic)}</p>
    </Note>
  );
}

function Drawn({ jobId, graphic, palette, of }: Props) {
  const { hrefOf } = useLinks();
  const toOf = (subject: string | null) =>
    addressOf(jobId, "alignments", graphic.query_key, subject);
  const [shown, setShown] = useState(SHOWN);
  const drawable = graphic.rows.filter(({ hsps }) => hsps.length > 0);
  const rows = drawable.slice(0, shown);
  const scale = scaleOf(graphic.extent ?? 1);
  const behind = rows.length === drawable.length ? behindWords(graphic, rows.length) : null;
  return (
    <>
      <Picture
        name="graphic-summary"
        title="Graphic summary"
        of={of}
        width={WIDTH}
        height={FIRST_ROW + rows.length * ROW_HEIGHT + 10}
        text={summaryWords(graphic, rows)}
        table={() => (
          <NumbersTable
            head={["Subject", "Max score", "E value", "Query cover", "Places on the query"]}
            rows={rows.map(cellsOf)}
            to={(n) => toOf(rows[n]?.subject ?? null)}
          />
        )}
      >
        <ColourKey palette={palette} withUnknown={rows.some(hasUnknownScore)} />
        <rect
          x={MARGIN}
          y={QUERY_TOP}
          width={WIDTH - 2 * MARGIN}
          height="10"
          fill="#00a0a8"
          data-query={graphic.query ?? ""}
        />
        <Axis
          y={QUERY_TOP + 10}
          at={ticks(graphic.extent ?? 1).map((tick) => ({
            x: scale(tick),
            text: formatCount(tick),
          }))}
        />
        {rows.map((row, n) => (
          <SummaryRow
            // biome-ignore lint/suspicious/noArrayIndexKey: rows never change places
            key={n}
            href={hrefOf(toOf(row.subject))}
            row={row}
            top={FIRST_ROW + n * ROW_HEIGHT}
            scale={scale}
            palette={palette}
          />
        ))}
      </Picture>
      {drawable.length > rows.length && (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          Draw the next {formatCount(Math.min(SHOWN, drawable.length - rows.length))}
        </button>
      )}
      {behind && <p>{behind}</p>}
    </>
  );
}

const hasUnknownScore = ({ hsps }: DrawnSubject) => hsps.some(([, , , , bits]) => bits === null);

function ColourKey({ palette, withUnknown }: { palette: Palette; withUnknown: boolean }) {
  const classes = CLASSES.map(({ label }, n) => ({ label, colour: PALETTES[palette].colours[n] }));
  const key = withUnknown ? [...classes, { label: "unknown", colour: UNKNOWN_COLOUR }] : classes;
  return (
    <g data-key={palette}>
      <text x={MARGIN} y={KEY_TOP + 11}>
        Bit score
      </text>
      {key.map(({ label, colour }, n) => (
        <g key={label}>
          <rect x={100 + n * 90} y={KEY_TOP + 2} width="14" height="10" fill={colour} />
          <text x={118 + n * 90} y={KEY_TOP + 11}>
            {label}
          </text>
        </g>
      ))}
      <text x={WIDTH - MARGIN} y={KEY_TOP + 11} textAnchor="end">
        query
      </text>
    </g>
  );
}

interface RowProps {
  href: string;
  row: DrawnSubject;
  top: number;
  scale(position: number): number;
  palette: Palette;
}

function SummaryRow({ href, row, top, scale, palette }: RowProps) {
  const { line, layers } = rowOf(row, top, scale);
  if (!line) return null;
  const middle = top + BAR_HEIGHT / 2;
  const score = row.max_score === null ? "" : `, ${formatBits(row.max_score)} bits`;
  const evalue = row.evalue === null ? "" : `, E ${formatEvalue(row.evalue)}`;
  return (
    <a href={href} tabIndex={-1} data-subject={row.subject ?? ""}>
      <title>{`${nameOf(row)} ${row.title ?? ""}${score}${evalue}, ${hspsWords(row)}`}</title>
      <rect x="0" y={top - 1} width={WIDTH} height={ROW_HEIGHT} fill="transparent" />
      {row.hsps.length > 1 && (
        <line
          x1={line[0]}
          x2={line[1]}
          y1={middle}
          y2={middle}
          stroke="#56616b"
          strokeWidth="0.7"
        />
      )}
      {layers.map(({ place, path }) => (
        <path
          key={place}
          d={path}
          fill={place === null ? UNKNOWN_COLOUR : PALETTES[palette].colours[place]}
        />
      ))}
    </a>
  );
}

function cellsOf(row: DrawnSubject): string[] {
  return [
    nameOf(row),
    row.max_score === null ? "–" : formatBits(row.max_score),
    row.evalue === null ? "–" : formatEvalue(row.evalue),
    row.query_cover === null ? "–" : `${row.query_cover}%`,
    placesOf(row),
  ];
}
