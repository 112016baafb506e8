import type { Aggregate } from "../api/contract";
import type { Place } from "./contract";

type Units = Aggregate["units"];

export interface Span {
  from: number;
  to: number;
}

/** Positions on the query and on the subject of one HSP, all known. */
export interface Match {
  query: [number, number];
  subject: [number, number];
  score: number | null;
}

/** The HSPs whose places are known, the best last: what is drawn last lies on top. */
export function matchesOf(hsps: Place[]): Match[] {
  return hsps
    .flatMap(([qstart, qend, sstart, send, score]): Match[] =>
      qstart === null || qend === null || sstart === null || send === null
        ? []
        : [{ query: [qstart, qend], subject: [sstart, send], score }],
    )
    .toSorted((one, other) => (one.score ?? -1) - (other.score ?? -1));
}

/** The places of an HSP as the filter of alignments has them. */
export function placesOf({ query, subject }: Pick<Match, "query" | "subject">): string {
  return `${query.join("-")}:${subject.join("-")}`;
}

const FAR = 5;
const PADDING = 0.05;

/**
 * What of a sequence is drawn: the whole of it, or around its HSPs where it is far longer than they and the query
 * reach: a gene on a chromosome would be a dot.
 */
export function spanOf(positions: number[], length: number | null, other: number): Span {
  const [low, high] = [Math.min(...positions), Math.max(...positions)];
  const end = Math.max(high, length ?? high);
  const reach = Math.max(high - low + 1, other);
  if (end <= FAR * reach) return { from: 1, to: end };
  const padding = Math.round((high - low + 1) * PADDING);
  return { from: Math.max(1, low - padding), to: Math.min(end, high + padding) };
}

/** How many nucleotides a letter of the query and one of the subject stand for, where the two differ. */
export function weightsOf({ query_length: query, acc_len: subject }: Units): [number, number] {
  return [query === "aa" && subject === "nt" ? 3 : 1, query === "nt" && subject === "aa" ? 3 : 1];
}

/** To what scale the two are drawn: without the program their letters cannot be told from one another. */
export function scaleWords({ query_length: query, acc_len: subject }: Units): string {
  return query && subject
    ? "both to the same scale"
    : "a letter of one as wide as a letter of the other, for the program is not known";
}

export type Scale = (position: number) => number;

/** The left edge of a letter, at so many units a letter. */
export function scaled({ from }: Span, start: number, perLetter: number): Scale {
  return (position) => start + (position - from) * perLetter;
}

export const lengthOf = ({ from, to }: Span): number => to - from + 1;

/** Both ends of a stretch of letters, the first letter first: on the minus strand from right to left. */
function edges([start, end]: [number, number], scale: Scale): [number, number] {
  return start <= end ? [scale(start), scale(end + 1)] : [scale(start + 1), scale(end)];
}

/** A band from the query above to the subject below; where the strands differ, its sides cross. */
export function bandOf(
  match: Match,
  onQuery: Scale,
  onSubject: Scale,
  top: number,
  bottom: number,
): string {
  const [from, to] = edges(match.query, onQuery);
  const [first, last] = edges(match.subject, onSubject);
  const corners: [number, number][] = [
    [from, top],
    [to, top],
    [last, bottom],
    [first, bottom],
  ];
  return corners.map(([x, y]) => `${round(x)},${y}`).join(" ");
}

/** The diagonal of an HSP in a dot plot: from its first letters to its last ones. */
export function diagonalOf(match: Match, onQuery: Scale, onSubject: Scale) {
  const [x1, x2] = edges(match.query, onQuery);
  const [y1, y2] = edges(match.subject, onSubject);
  return { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) };
}

const round = (value: number) => Math.round(value * 100) / 100;
