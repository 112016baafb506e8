import type { Hsp } from "../api/contract";

/** One side of a block: 1-based coordinates of its first and last letter; null where it is only gaps. */
export interface Line {
  from: number | null;
  to: number | null;
  text: string;
}

export interface Block {
  query: Line;
  midline: string;
  subject: Line;
}

const LETTERS_PER_LINE = 60;

const GAP = "-";

/**
 * The alignment in blocks of 60 columns, as BLAST's pairwise report lays it out; empty without sequences.
 * `isProtein`: the aligned letters are amino acids, as in all programs but blastn.
 *
 * A letter of a translated sequence covers three letters of the one that it was translated from, and on the
 * minus strand coordinates fall.
 */
export function pairwise(hsp: Hsp, isProtein: boolean): Block[] {
  const { qseq, sseq } = hsp;
  if (!qseq || !sseq || qseq.length !== sseq.length) return [];
  const queryLines = lines(qseq, hsp.qstart, hsp.qend);
  const subjectLines = lines(sseq, hsp.sstart, hsp.send);
  const midline =
    hsp.midline?.length === qseq.length ? hsp.midline : identities(qseq, sseq, isProtein);
  return queryLines.map((query, n) => ({
    query,
    midline: midline.slice(n * LETTERS_PER_LINE, (n + 1) * LETTERS_PER_LINE),
    subject: subjectLines[n] as Line,
  }));
}

/** How many letters of the original one aligned letter stands for, signed by direction; null if neither fits. */
export function stepOf(sequence: string, start: number | null, end: number | null): number | null {
  if (start === null || end === null) return null;
  const letters = sequence.length - count(sequence, GAP);
  const covered = Math.abs(end - start) + 1;
  const width = [1, 3].find((each) => each * letters === covered);
  if (!width) return null;
  return start <= end ? width : -width;
}

function lines(sequence: string, start: number | null, end: number | null): Line[] {
  const step = stepOf(sequence, start, end);
  const found: Line[] = [];
  let next = start ?? 0;
  for (let at = 0; at < sequence.length; at += LETTERS_PER_LINE) {
    const text = sequence.slice(at, at + LETTERS_PER_LINE);
    const letters = text.length - count(text, GAP);
    if (step === null || letters === 0) {
      found.push({ from: null, to: null, text });
      continue;
    }
    const from = next;
    next += step * letters;
    found.push({ from, to: next - Math.sign(step), text });
  }
  return found;
}

/** Bars for equal nucleotides, letters for equal amino acids; which others are similar is not known here. */
function identities(query: string, subject: string, isProtein: boolean): string {
  const marks = [...query].map((letter, n) => {
    if (letter === GAP || letter !== subject[n]) return " ";
    return isProtein ? letter : "|";
  });
  return marks.join("");
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

/** Blocks as the text of BLAST's report, coordinates in columns as wide as the longest. */
export function asText(blocks: Block[]): string {
  const numbers = blocks.flatMap((block) => [
    block.query.from,
    block.query.to,
    block.subject.from,
    block.subject.to,
  ]);
  const width = Math.max(1, ...numbers.map((number) => String(number ?? "").length));
  const line = (name: string, { from, to, text }: Line) =>
    `${name}  ${String(from ?? "").padEnd(width)}  ${text}${to === null ? "" : `  ${to}`}`;
  const indent = " ".repeat("Query".length + width + 4);
  return blocks
    .map((block) =>
      [line("Query", block.query), indent + block.midline, line("Sbjct", block.subject)].join("\n"),
    )
    .join("\n\n");
}
