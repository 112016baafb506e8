import { classOf } from "./colours";
import type { DrawnSubject, Place } from "./contract";

export const WIDTH = 1000;
/** Room on both sides of the query. */
export const MARGIN = 20;
export const ROW_HEIGHT = 9;
export const BAR_HEIGHT = 6;
const TIP = 4;

/** A position of the query as a place on the picture; a letter begins at its own and ends at the next one's. */
export function scaleOf(extent: number): (position: number) => number {
  const perLetter = (WIDTH - 2 * MARGIN) / Math.max(1, extent);
  return (position) => MARGIN + (position - 1) * perLetter;
}

export function isMinus([qstart, qend, sstart, send]: Place): boolean {
  if (qstart === null || qend === null || sstart === null || send === null) return false;
  return qstart > qend !== sstart > send;
}

export interface Bar {
  from: number;
  to: number;
  isMinus: boolean;
  score: number | null;
}

export interface Row {
  /** Where the line that links the HSPs goes from and to; null where no place is known. */
  line: [number, number] | null;
  /** HSPs of one class of scores each, the best last: what is drawn last lies on top. */
  layers: { place: number | null; path: string }[];
}

/** The bars of a subject along the query. */
export function barsOf(hsps: Place[], scale: (position: number) => number): Bar[] {
  return hsps.flatMap((hsp) => {
    const [qstart, qend, , , score] = hsp;
    if (qstart === null || qend === null) return [];
    const from = scale(Math.min(qstart, qend));
    return [{ from, to: scale(Math.max(qstart, qend) + 1), isMinus: isMinus(hsp), score }];
  });
}

export function rowOf(
  { hsps }: Pick<DrawnSubject, "hsps">,
  top: number,
  scale: (position: number) => number,
): Row {
  const bars = barsOf(hsps, scale);
  if (bars.length === 0) return { line: null, layers: [] };
  const layers = new Map<number | null, string>();
  for (const bar of bars.toSorted((one, other) => (one.score ?? -1) - (other.score ?? -1))) {
    const place = classOf(bar.score);
    layers.set(place, (layers.get(place) ?? "") + outline(bar, top));
  }
  return {
    line: [Math.min(...bars.map(({ from }) => from)), Math.max(...bars.map(({ to }) => to))],
    layers: [...layers].map(([place, path]) => ({ place, path })),
  };
}

/** A bar with a point where the subject's strand leads: to the right, or for the minus strand to the left. */
function outline({ from, to, isMinus: minus }: Bar, top: number): string {
  const tip = Math.min(TIP, (to - from) / 2);
  const half = BAR_HEIGHT / 2;
  const width = to - from - tip;
  return minus
    ? `M${at(from)} ${at(top + half)}l${at(tip)} ${-half}h${at(width)}v${BAR_HEIGHT}h${at(-width)}z`
    : `M${at(from)} ${at(top)}h${at(width)}l${at(tip)} ${half}l${at(-tip)} ${half}h${at(-width)}z`;
}

function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** How wide a letter is at most, in the pictures' size of text. */
const LETTER = 6.5;

/** Where the middle of a label is that belongs to a place: no part of it lies outside the picture. */
export function labelAt(x: number, text: string): number {
  const half = (LETTER * text.length) / 2;
  return Math.min(WIDTH - half, Math.max(half, x));
}

/** Those labels, each centred, that leave room for one another and for the text that begins at a place. */
export function besides<Label extends { x: number; text: string }>(
  labels: Label[],
  begins: number,
  text: string,
): Label[] {
  let end = begins + LETTER * (text.length + 1);
  return labels.filter((label) => {
    const half = (LETTER * label.text.length) / 2;
    const middle = labelAt(label.x, label.text);
    if (middle - half < end) return false;
    end = middle + half + LETTER;
    return true;
  });
}

/** Round numbers along an axis up to an end: about so many. */
export function ticks(end: number, about = 8): number[] {
  return [...new Set(ticksBetween(0, end, about).map((tick) => Math.max(1, tick)))];
}

export function ticksBetween(from: number, to: number, about: number): number[] {
  const rough = Math.max(1, (to - from) / about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const found: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) found.push(tick);
  return found;
}
