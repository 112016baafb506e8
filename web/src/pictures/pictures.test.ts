import { expect, test } from "vitest";
import { withEvalue, withIdentity } from "./bins";
import { classOf, colourOf } from "./colours";
import type { Place } from "./contract";
import {
  bandOf,
  diagonalOf,
  lengthOf,
  matchesOf,
  placesOf,
  scaled,
  scaleWords,
  spanOf,
  weightsOf,
} from "./pair-layout";
import { barsOf, besides, isMinus, labelAt, rowOf, scaleOf, ticks } from "./summary-layout";

const place = (qstart: number, qend: number, sstart: number, send: number, bits: number): Place => [
  qstart,
  qend,
  sstart,
  send,
  bits,
  0,
  100,
];

test("scores have the colours of NCBI's graphic summary, borders in the class above", () => {
  const scores = [39.9, 40, 49.9, 50, 79.9, 80, 199.9, 200];
  expect(scores.map(classOf)).toEqual([0, 1, 1, 2, 2, 3, 3, 4]);
  expect([30, 45, 60, 100, 500].map((bits) => colourOf(bits, "ncbi"))).toEqual([
    "#000000",
    "#0000ff",
    "#00ff00",
    "#ff00ff",
    "#ff0000",
  ]);
  expect(classOf(null)).toBeNull();
});

test("a bar begins where its first letter does and ends behind its last one, whatever its strand", () => {
  const scale = scaleOf(960);
  const expected = { from: 20, to: 120, score: 90 };
  expect(barsOf([place(1, 100, 5, 104, 90)], scale)).toEqual([{ ...expected, isMinus: false }]);
  expect(barsOf([place(100, 1, 5, 104, 90)], scale)).toEqual([{ ...expected, isMinus: true }]);
  expect(barsOf([place(1, 100, 104, 5, 90)], scale)).toEqual([{ ...expected, isMinus: true }]);
  expect(isMinus(place(100, 1, 104, 5, 90))).toBe(false);
  expect(barsOf([[null, null, 1, 2, 90, 0, 0]], scale)).toEqual([]);
});

test("the HSPs of a subject are linked, and the best lies on top", () => {
  const row = rowOf(
    { hsps: [place(1, 100, 1, 100, 300), place(501, 960, 1, 460, 45)] },
    0,
    scaleOf(960),
  );
  expect(row.line).toEqual([20, 980]);
  expect(row.layers.map(({ place: layer }) => layer)).toEqual([1, 4]);
});

test("an axis has round numbers and begins with the first letter", () => {
  expect(ticks(2200)).toEqual([1, 500, 1000, 1500, 2000]);
  expect(ticks(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect([ticks(1), ticks(2)]).toEqual([[1], [1, 2]]);
});

const [plus, minus] = matchesOf([place(1, 100, 11, 110, 50), place(1, 100, 110, 11, 60)]);

test("bands cross and diagonals fall where the strands differ, whichever sequence is turned", () => {
  if (!plus || !minus) throw new Error("two matches");
  const scale = scaled({ from: 1, to: 200 }, 20, 1);
  const up = scaled({ from: 1, to: 200 }, 400, -1);
  expect(bandOf(plus, scale, scale, 0, 9)).toBe("20,0 120,0 130,9 30,9");
  expect(bandOf(minus, scale, scale, 0, 9)).toBe("20,0 120,0 30,9 130,9");
  expect(diagonalOf(plus, scale, up)).toEqual({ x1: 20, x2: 120, y1: 390, y2: 290 });
  expect(diagonalOf(minus, scale, up)).toEqual({ x1: 20, x2: 120, y1: 290, y2: 390 });
  const [turned] = matchesOf([place(100, 1, 11, 110, 50)]);
  if (!turned) throw new Error("a match");
  expect(bandOf(turned, scale, scale, 0, 9)).toBe("120,0 20,0 130,9 30,9");
});

test("an HSP is asked for by its places, for its score may be that of others", () => {
  const tied = matchesOf([place(1, 100, 11, 110, 50), place(1, 100, 310, 211, 50)]);
  expect(tied.map(placesOf)).toEqual(["1-100:11-110", "1-100:310-211"]);
});

test("a subject is drawn whole, or where it is far longer around its HSPs", () => {
  expect(spanOf([101, 300], 1000, 200)).toEqual({ from: 1, to: 1000 });
  const gene = spanOf([500_001, 500_200], 5_000_000, 300);
  expect([gene, lengthOf(gene)]).toEqual([{ from: 499_991, to: 500_210 }, 220]);
  expect(spanOf([101, 300], null, 200)).toEqual({ from: 1, to: 300 });
});

test("an amino acid is as long as its three nucleotides", () => {
  const units = { align_length: "aa" };
  expect(weightsOf({ ...units, query_length: "nt", acc_len: "aa" })).toEqual([1, 3]);
  expect(weightsOf({ ...units, query_length: "aa", acc_len: "nt" })).toEqual([3, 1]);
  expect(weightsOf({ ...units, query_length: "aa", acc_len: "aa" })).toEqual([1, 1]);
  const unknown = { align_length: null, query_length: null, acc_len: null };
  expect(weightsOf(unknown)).toEqual([1, 1]);
  expect(scaleWords(unknown)).toContain("the program is not known");
  expect(scaleWords({ ...units, query_length: "nt", acc_len: "aa" })).toBe(
    "both to the same scale",
  );
});

test("a bar leads to what its bin holds: the lower edge and not the upper one, under the filters that are", () => {
  const bin = (from: number, to: number | null) => ({ from, to, count: 1 });
  expect(withIdentity({}, bin(80, 85))).toEqual({ min_identity: "80", max_identity: "84.99" });
  expect(withIdentity({}, bin(95, 100))).toEqual({ min_identity: "95", max_identity: "100" });
  expect(withEvalue({}, bin(0, 1e-180))).toEqual({
    min_evalue: "0",
    max_evalue: "9.999999999e-181",
  });
  expect(withEvalue({}, bin(10, null))).toEqual({ min_evalue: "10" });
  const given = { organism: "Homo", min_evalue: "1e-12", max_evalue: "5e-11" };
  expect(withEvalue(given, bin(1e-20, 1e-10))).toEqual(given);
  expect(withEvalue({ max_evalue: "1" }, bin(10, null))).toBeNull();
  expect(withEvalue({ max_evalue: "50" }, bin(10, null))).toEqual({
    min_evalue: "10",
    max_evalue: "50",
  });
});

test("a bar outside the filters that are leads nowhere: nothing passes both", () => {
  const bin = { from: 80, to: 85, count: 3 };
  expect(withIdentity({ min_identity: "90" }, bin)).toBeNull();
  expect(withIdentity({ max_identity: "79.99" }, bin)).toBeNull();
  expect(withIdentity({ min_identity: "84.99" }, bin)).toEqual({
    min_identity: "84.99",
    max_identity: "84.99",
  });
  expect(withEvalue({ min_evalue: "1e-5" }, { from: 1e-10, to: 1e-5, count: 3 })).toBeNull();
});

test("labels lie within the picture and beside the one that an axis begins with", () => {
  const long = "100 000 000";
  expect(labelAt(500, long)).toBe(500);
  expect(labelAt(980, long)).toBeLessThan(1000 - 3 * long.length);
  expect(labelAt(5, "1")).toBe(5);
  expect(labelAt(1, long)).toBeGreaterThan(3 * long.length);
  const labels = [24, 120, 220].map((x) => ({ x, text: long }));
  expect(besides(labels, 20, "99 998 765").map(({ x }) => x)).toEqual([220]);
  expect(besides(labels, 20, "1").map(({ x }) => x)).toEqual([120, 220]);
  const narrow = [150, 200, 250, 300].map((x) => ({ x, text: long }));
  expect(besides(narrow, 20, "1").map(({ x }) => x)).toEqual([150, 250]);
});
