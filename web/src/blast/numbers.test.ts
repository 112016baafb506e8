import { expect, test } from "vitest";
import {
  formatBits,
  formatBytes,
  formatCount,
  formatEvalue,
  formatSeconds,
  percentOf,
} from "./numbers";

test.each([
  [0, "0.0"],
  [9e-181, "0.0"],
  [1e-180, "1e-180"],
  [2.37495e-27, "2e-27"],
  [1.5e-5, "2e-05"],
  [8.96e-4, "9e-04"],
  [9e-4, "0.001"],
  [0.0123, "0.012"],
  [0.22, "0.22"],
  [0.996, "1.00"],
  [3.17, "3.2"],
  [12.3, "12"],
  [1600, "1600"],
])("the E value %s prints as %s", (evalue, text) => {
  expect(formatEvalue(evalue)).toBe(text);
});

test.each([
  [112.193, "112"],
  [921.9, "921"],
  [99.9, "99.9"],
  [99.95, "99"],
  [28.14, "28.1"],
  [110_800, "1.108e+05"],
  [99_999, "99999"],
])("%s bits print as %s", (bits, text) => {
  expect(formatBits(bits)).toBe(text);
});

test("identity is 100 % only if all letters are identical", () => {
  expect(percentOf(1000, 1000)).toBe(100);
  expect(percentOf(999, 1000)).toBe(99);
  expect(percentOf(1, 200)).toBe(1);
});

test("counts, bytes and seconds are short and exact enough", () => {
  expect(formatCount(1234567)).toBe("1\u2009234\u2009567");
  expect(["0 B", "999 B", "1.0 kB", "21 MB"]).toEqual([0, 999, 999.5, 21_400_000].map(formatBytes));
  expect([0.42, 12.4, 185, 7620].map(formatSeconds)).toEqual([
    "0.4 s",
    "12 s",
    "3 min 05 s",
    "2 h 07 min",
  ]);
});
