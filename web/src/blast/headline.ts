import type { Hsp } from "../api/contract";
import { formatBits, formatEvalue, percentOf } from "./numbers";

export interface Figure {
  name: string;
  text: string;
}

/** The figures above an alignment, in the words of BLAST's pairwise report; what is unknown is left out. */
export function headline(hsp: Hsp, program: string): Figure[] {
  const figures: Figure[] = [];
  const say = (name: string, text: string | null) => text !== null && figures.push({ name, text });
  const score = hsp.score === null ? "" : ` (${hsp.score})`;
  say("Score", hsp.bitscore === null ? null : `${formatBits(hsp.bitscore)} bits${score}`);
  say("Expect", hsp.evalue === null ? null : formatEvalue(hsp.evalue));
  say(
    "Identities",
    share(hsp.nident, hsp.length) ?? (hsp.pident === null ? null : `${hsp.pident}%`),
  );
  if (program !== "blastn") say("Positives", share(hsp.positive, hsp.length));
  say("Gaps", share(hsp.gaps, hsp.length));
  if (program === "blastn") say("Strand", strands(hsp));
  else if (program !== "blastp") say("Frame", frames(hsp));
  return figures;
}

function share(count: number | null, length: number | null): string | null {
  if (count === null || !length) return null;
  return `${count}/${length} (${percentOf(count, length)}%)`;
}

/** Plus or Minus by the order of coordinates. */
function strands({ qstart, qend, sstart, send }: Hsp): string | null {
  if (qstart === null || qend === null || sstart === null || send === null) return null;
  const strand = (from: number, to: number) => (from <= to ? "Plus" : "Minus");
  return `${strand(qstart, qend)}/${strand(sstart, send)}`;
}

/** The frames of the translated sides, query first; 0 stands for a side that is not translated. */
function frames({ qframe, sframe }: Hsp): string | null {
  const known = [qframe, sframe].filter((frame) => frame !== null && frame !== 0) as number[];
  return known.length > 0
    ? known.map((frame) => (frame > 0 ? `+${frame}` : `${frame}`)).join("/")
    : null;
}
