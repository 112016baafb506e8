import { formatBits, formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import { addressOf, type FilterTexts, type Question, writeQuestion } from "../results/question";
import { withEvalue, withIdentity } from "./bins";
import { colourOf, type Palette } from "./colours";
import type { Bin, Graphic } from "./contract";
import { useLinks } from "./links";
import { NumbersTable } from "./numbers-table";
import { Axis, Picture, type Subject } from "./picture";
import { dotsOf, nameOf } from "./told";

const WIDTH = 1000;
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 980, 20, 300];
const HEIGHT = 340;

interface Props {
  jobId: string;
  graphic: Graphic;
  palette: Palette;
  of: Subject;
}

/** The subjects by how much of the query they cover and how alike they are. */
export function Scatter({ jobId, graphic, palette, of }: Props) {
  const { hrefOf } = useLinks();
  const toOf = (subject: string | null) =>
    addressOf(jobId, "descriptions", graphic.query_key, subject);
  const { dots: points, words, rest } = dotsOf(graphic);
  if (points.length === 0)
    return (
      <Undrawn
        title="Query cover and identity"
        words="Of no subject here are query cover and identity known: there are no dots to draw."
      />
    );
  const lowest = Math.min(100, ...points.map((row) => row.per_ident ?? 100));
  const from = Math.floor(Math.min(lowest, 90) / 10) * 10;
  const x = (cover: number) => LEFT + ((RIGHT - LEFT) * Math.min(cover, 100)) / 100;
  const y = (ident: number) => BOTTOM - ((BOTTOM - TOP) * (ident - from)) / (100 - from);
  const levels = Array.from({ length: (100 - from) / 10 + 1 }, (_, n) => from + 10 * n);
  return (
    <Picture
      name="cover-and-identity"
      title="Query cover and identity"
      of={of}
      width={WIDTH}
      height={HEIGHT}
      text={`${words}, each a dot: query cover to the right, identity of the best HSP upwards, in the colour of its bit score.${rest} A click opens the subject.`}
      table={() => (
        <NumbersTable
          head={["Subject", "Query cover", "Identity"]}
          to={(n) => toOf(points[n]?.subject ?? null)}
          rows={points.map((row) => [nameOf(row), `${row.query_cover}%`, `${row.per_ident}%`])}
        />
      )}
    >
      <Grid levels={levels.map((level) => ({ y: y(level), text: `${level}%` }))} />
      <Axis
        y={BOTTOM}
        at={[0, 20, 40, 60, 80, 100].map((cover) => ({ x: x(cover), text: `${cover}%` }))}
        label="query cover"
      />
      {points.toReversed().map((row, n) => (
        <a
          // biome-ignore lint/suspicious/noArrayIndexKey: dots never change places
          key={n}
          href={hrefOf(toOf(row.subject))}
          tabIndex={-1}
          data-subject={row.subject ?? ""}
        >
          <title>{`${nameOf(row)}: cover ${row.query_cover}%, identity ${row.per_ident}%${row.max_score === null ? "" : `, ${formatBits(row.max_score)} bits`}`}</title>
          <circle
            cx={x(row.query_cover ?? 0)}
            cy={y(row.per_ident ?? 0)}
            r="4"
            fill={colourOf(row.max_score, palette)}
            fillOpacity="0.7"
          />
        </a>
      ))}
    </Picture>
  );
}

interface SpreadProps {
  jobId: string;
  graphic: Graphic;
  of: Subject;
  /** What the pictures were asked for: the rows behind a bar pass it too. */
  question: Question;
}

/** How many subjects have an identity within each step. */
export function IdentityHistogram({ jobId, graphic, of, question }: SpreadProps) {
  return (
    <Histogram
      name="identities"
      title="Identities"
      what="identity of the best HSP, in percent"
      of={of}
      bins={graphic.identity_distribution}
      unknown={graphic.identity_unknown}
      edge={String}
      addressOf={(bin) => behind(jobId, graphic, question, withIdentity(question.filters, bin))}
    />
  );
}

/** How many subjects have an E value within each step. */
export function EvalueHistogram({ jobId, graphic, of, question }: SpreadProps) {
  return (
    <Histogram
      name="evalues"
      title="E values"
      what="E value of the best HSP"
      of={of}
      bins={graphic.evalue_distribution}
      unknown={graphic.evalue_unknown}
      edge={(value) => (value === 0 ? "0" : String(value))}
      addressOf={(bin) => behind(jobId, graphic, question, withEvalue(question.filters, bin))}
    />
  );
}

/** The descriptions of the query that is drawn, under these filters; null where these let nothing pass. */
function behind(
  jobId: string,
  graphic: Graphic,
  question: Question,
  filters: FilterTexts | null,
): string | null {
  if (!filters) return null;
  const query = graphic.query_key ?? question.query;
  const first = { sort: null, order: null, cursor: null, picks: [] };
  return `/jobs/${jobId}/descriptions${writeQuestion({ ...question, ...first, query, filters })}`;
}

interface HistogramProps {
  name: string;
  title: string;
  what: string;
  of: Subject;
  bins: Bin[];
  unknown: number;
  edge(value: number): string;
  addressOf(bin: Bin): string | null;
}

function Histogram(props: HistogramProps) {
  const { name, title, what, of, bins, unknown, edge } = props;
  const { hrefOf } = useLinks();
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const width = (RIGHT - LEFT) / bins.length;
  const y = (count: number) => BOTTOM - ((BOTTOM - TOP) * count) / most;
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const addressOf = (bin: Bin) => (bin.count > 0 ? props.addressOf(bin) : null);
  const hrefTo = (bin: Bin) => {
    const address = addressOf(bin);
    return address === null ? undefined : hrefOf(address);
  };
  const range = ({ from, to }: Bin) => `${edge(from)} to ${to === null ? "above" : edge(to)}`;
  const levels = [...new Set([0, Math.round(most / 2), most])];
  const rest = unknown > 0 ? ` Of ${formatCount(unknown)} it is unknown.` : "";
  if (total === 0)
    return <Undrawn title={title} words={`Of no subject here is the ${what} known.`} />;
  return (
    <Picture
      name={name}
      title={title}
      of={of}
      width={WIDTH}
      height={HEIGHT}
      text={`${counted(total, "subject")} by ${what}.${rest} A click opens the subjects behind a bar.`}
      table={() => (
        <NumbersTable
          head={[title, "Subjects"]}
          to={(n) => addressOf(bins[n] as Bin)}
          rows={bins.map((bin) => [range(bin), formatCount(bin.count)])}
        />
      )}
    >
      <Grid levels={levels.map((level) => ({ y: y(level), text: formatCount(level) }))} />
      <Axis
        y={BOTTOM}
        at={edgesOf(bins).map((value, n) => ({ x: LEFT + n * width, text: edge(value) }))}
        label={what}
      />
      {bins.map((bin, n) => (
        <a key={bin.from} href={hrefTo(bin)} tabIndex={-1} data-from={bin.from}>
          <title>{`${range(bin)}: ${counted(bin.count, "subject")}`}</title>
          <rect
            x={LEFT + n * width + 1}
            y={y(bin.count)}
            width={width - 2}
            height={BOTTOM - y(bin.count)}
            fill="#2c7fb8"
            data-count={bin.count}
          />
        </a>
      ))}
    </Picture>
  );
}

/** Where bins begin, and where the last one ends if it does. */
function edgesOf(bins: Bin[]): number[] {
  const end = bins.at(-1)?.to ?? null;
  return [...bins.map(({ from }) => from), ...(end === null ? [] : [end])];
}

/** In the place of a picture that would be empty. */
function Undrawn({ title, words }: { title: string; words: string }) {
  return (
    <figure className="picture">
      <h2>{title}</h2>
      <p role="status">{words}</p>
    </figure>
  );
}

function Grid({ levels }: { levels: { y: number; text: string }[] }) {
  return (
    <g textAnchor="end">
      {levels.map(({ y, text }) => (
        <g key={text}>
          <line x1={LEFT} x2={RIGHT} y1={y} y2={y} stroke="#d8dee3" />
          <text x={LEFT - 6} y={y + 4}>
            {text}
          </text>
        </g>
      ))}
    </g>
  );
}
