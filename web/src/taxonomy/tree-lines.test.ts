import { expect, test } from "vitest";
import type { Branch } from "./contract";
import { clickWords, hitsWords, linesOf } from "./tree-lines";

const branch = (taxid: number, ...children: Branch[]): Branch => ({
  taxid,
  name: null,
  rank: null,
  organisms: 0,
  own_hits: 0,
  hits: 0,
  pairs: 0,
  hsps: 0,
  best_bits: null,
  children,
});

test("a tree is drawn from the top down, each line knowing how far above its parent is", () => {
  const lines = linesOf(branch(1, branch(2, branch(3), branch(4)), branch(5)));
  expect(lines.map(({ branch: { taxid }, depth, above }) => [taxid, depth, above])).toEqual([
    [1, 0, 0],
    [2, 1, 1],
    [3, 2, 1],
    [4, 2, 2],
    [5, 1, 4],
  ]);
});

test("where queries share subjects, the hits and the rows that a click opens are told apart", () => {
  expect(hitsWords({ hits: 1, pairs: 1 })).toBe("1 hit");
  expect(hitsWords({ hits: 2, pairs: 4 })).toBe("2 hits (4 with each query that found them)");
  expect(clickWords({ hits: 2, pairs: 2 })).toBe("A click opens the subjects of a taxon.");
  expect(clickWords({ hits: 2, pairs: 4 })).toContain("a row for each query that found one");
});
