import { readFileSync } from "node:fs";
import type { Hsp } from "../api/contract";

const DATA = new URL("../../../tests/data/pairwise/", import.meta.url);

/** An alignment as BLAST's pairwise report prints it. */
export interface Reported {
  figures: Record<string, string>;
  lines: { query: string[]; midline: string[]; subject: string[] };
}

export function readReport(program: string): Reported[] {
  const [, ...alignments] = readFileSync(new URL(`${program}.outfmt0.txt`, DATA), "utf8").split(
    /^ Score = /m,
  );
  return alignments.map((text) => {
    const all = `Score = ${text}`.split("\n");
    const figures: Record<string, string> = {};
    const lines: Reported["lines"] = { query: [], midline: [], subject: [] };
    for (const [n, line] of all.entries()) {
      for (const [, name, value] of line.matchAll(/(\w+)\s?(?:\(\d+\))?\s?=\s?([^,\n]+)/g)) {
        if (!line.startsWith("Query ") && !line.startsWith("Sbjct "))
          figures[name ?? ""] = (value ?? "").trim();
      }
      if (line.startsWith("Query ")) {
        lines.query.push(line.trimEnd());
        lines.midline.push(all[n + 1] ?? "");
        lines.subject.push((all[n + 2] ?? "").trimEnd());
      }
    }
    return { figures, lines };
  });
}

/** The same HSPs as rows, with what the app computes for each. */
export function readRows(program: string): Hsp[] {
  const text = readFileSync(new URL(`${program}.outfmt6.tsv`, DATA), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const cells = line.split("\t");
      const number = (n: number) => Number(cells[n]);
      const [qseq, sseq] = [cells[13] ?? "", cells[14] ?? ""];
      return {
        ...UNKNOWN,
        length: qseq.length,
        qstart: number(2),
        qend: number(3),
        sstart: number(4),
        send: number(5),
        qframe: number(6),
        sframe: number(7),
        evalue: number(8),
        bitscore: number(9),
        nident: number(10),
        positive: number(11),
        gaps: number(12),
        qseq,
        sseq,
      };
    });
}

export const UNKNOWN: Hsp = {
  query_key: null,
  source: "",
  qtitle: null,
  qseqid: null,
  sseqid: null,
  pident: null,
  length: null,
  mismatch: null,
  gapopen: null,
  qstart: null,
  qend: null,
  sstart: null,
  send: null,
  evalue: null,
  bitscore: null,
  qlen: null,
  slen: null,
  stitle: null,
  nident: null,
  positive: null,
  gaps: null,
  qframe: null,
  sframe: null,
  score: null,
  qseq: null,
  sseq: null,
  midline: null,
};
