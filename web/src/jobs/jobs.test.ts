import { expect, test } from "vitest";
import { summarize } from "./fasta";
import { optionValues } from "./options";
import { programOf } from "./programs";

test.each([
  ["", { sequences: 0, letters: 0, kind: null }],
  [">a\nACGTNN\nacgt\n>b\nGGCC", { sequences: 2, letters: 14, kind: "nucleotide", first: "a" }],
  ["MKTAYIAKQR QISFVKSHFS", { sequences: 1, letters: 20, kind: "protein" }],
  [">empty\r\n>b\r\nMKT", { sequences: 2, letters: 3, kind: "protein" }],
])("a FASTA text is counted: %j", (text, expected) => {
  expect(summarize(text)).toMatchObject(expected);
});

test("options are sent as their types, those of other programs and empty ones not at all", () => {
  const texts = {
    evalue: "1e-5",
    gapopen: "",
    reward: "2",
    taxids: "9606, 10090",
    ungapped: "true",
    seg: "no",
  };
  expect(optionValues(programOf("blastp"), texts)).toEqual({
    evalue: 1e-5,
    seg: "no",
    taxids: [9606, 10090],
    ungapped: true,
    outfmt: "15",
  });
});

test("what is no number is sent as it was typed, so that the answer can say so", () => {
  expect(optionValues(programOf("blastn"), { evalue: "ten", task: "blastp" })).toEqual({
    evalue: "ten",
    outfmt: "15",
  });
});
