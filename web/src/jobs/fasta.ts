import type { Kind } from "./programs";

export interface FastaSummary {
  sequences: number;
  letters: number;
  /** What the letters look like; null where there are none. */
  kind: Kind | null;
  first: string;
}

const NUCLEOTIDES = /^[ACGTUN]$/i;
const SAMPLE = 20_000;
const MOSTLY = 0.85;

/** Count the sequences of a FASTA text; letters before the first `>` are one sequence without a name. */
export function summarize(text: string): FastaSummary {
  let sequences = 0;
  let letters = 0;
  let first = "";
  let sample = "";
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith(">")) {
      sequences++;
      first ||= line.slice(1).trim();
      continue;
    }
    const letterLine = line.replace(/\s/g, "");
    if (!letterLine) continue;
    if (sequences === 0) sequences = 1;
    letters += letterLine.length;
    if (sample.length < SAMPLE) sample += letterLine;
  }
  return { sequences, letters, first, kind: kindOf(sample) };
}

/** Nucleotides if nearly all letters are those; a protein of A, C, G and T alone is not met in practice. */
function kindOf(sample: string): Kind | null {
  if (!sample) return null;
  const nucleotides = [...sample].filter((letter) => NUCLEOTIDES.test(letter)).length;
  return nucleotides / sample.length > MOSTLY ? "nucleotide" : "protein";
}
