import { expect, test } from "vitest";
import { headline } from "./headline";
import { asText, pairwise, stepOf } from "./pairwise";
import { readReport, readRows, UNKNOWN } from "./reports";

const PROGRAMS = ["blastn", "blastp", "blastx", "tblastn", "tblastx"];

/** Blanks between a coordinate and its letters differ with the widest coordinate; masked letters are lower case. */
const bare = (line: string) => line.toUpperCase().replace(/ +/g, " ").trimEnd();

test.each(PROGRAMS)("%s is laid out with the coordinates of BLAST's own report", (program) => {
  const reported = readReport(program);
  const rows = readRows(program);
  expect(rows.length).toBe(reported.length);
  expect(rows.length).toBeGreaterThan(3);
  for (const [n, row] of rows.entries()) {
    const lines = asText(pairwise(row, program !== "blastn")).split("\n");
    const starting = (word: string) => lines.filter((line) => line.startsWith(word)).map(bare);
    expect(starting("Query ")).toEqual(reported[n]?.lines.query.map(bare));
    expect(starting("Sbjct ")).toEqual(reported[n]?.lines.subject.map(bare));
  }
});

test.each(PROGRAMS)("%s has the figures of BLAST's own report", (program) => {
  for (const [n, row] of readRows(program).entries()) {
    const reported = readReport(program)[n]?.figures ?? {};
    for (const { name, text } of headline(row, program)) {
      if (name === "Score") expect(reported[name]).toContain(text);
      else expect(`${name} ${reported[name]}`).toBe(`${name} ${text}`);
    }
  }
});

test("the bars of nucleotides are those of BLAST's own report", () => {
  const reported = readReport("blastn");
  for (const [n, row] of readRows("blastn").entries()) {
    const bars = pairwise(row, false).map(({ midline }) => midline.replaceAll(" ", "").length);
    const expected = reported[n]?.lines.midline.map((line) => line.replaceAll(" ", "").length);
    expect(bars).toEqual(expected);
  }
});

test("a middle line that the format has is shown as it is, cut with the letters", () => {
  const letters = "A".repeat(61);
  const midline = `${"+".repeat(60)}A`;
  const hsp = {
    ...UNKNOWN,
    qseq: letters,
    sseq: letters,
    midline,
    qstart: 1,
    qend: 61,
    sstart: 1,
    send: 61,
  };
  expect(pairwise(hsp, true).map((block) => block.midline)).toEqual(["+".repeat(60), "A"]);
});

test("coordinates that fit the letters in no way are left out rather than guessed", () => {
  expect(stepOf("ACGT", 1, 9)).toBeNull();
  expect(stepOf("ACGT", null, 4)).toBeNull();
  const hsp = { ...UNKNOWN, qseq: "ACGT", sseq: "AC-T", qstart: 1, qend: 9, sstart: 7, send: 5 };
  const [block] = pairwise(hsp, false);
  expect(block?.query).toEqual({ from: null, to: null, text: "ACGT" });
  expect(block?.subject).toEqual({ from: 7, to: 5, text: "AC-T" });
});

test("without sequences there is nothing to lay out", () => {
  expect(pairwise(UNKNOWN, false)).toEqual([]);
});
