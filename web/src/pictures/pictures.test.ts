import { expect, test } from "vitest";
import { classOf, colourOf } from "./colours";
import type { Place } from "./contract";
import { barsOf, isMinus, rowOf, scaleOf, ticks } from "./summary-layout";

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
});
