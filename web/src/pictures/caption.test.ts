import { expect, test } from "vitest";
import { printable, shortened, wrapped } from "./caption";

/** Ten units a character. */
const widthOf = (text: string) => 10 * [...text].length;

test("a caption is broken at blanks into lines within the picture, and cut behind the last", () => {
  expect(wrapped("one line", widthOf, 80, 3)).toEqual(["one line"]);
  expect(wrapped("the quick\tbrown  fox", widthOf, 100, 3)).toEqual(["the quick", "brown fox"]);
  expect(wrapped("the quick brown fox jumps", widthOf, 100, 2)).toEqual([
    "the quick",
    "brown fox…",
  ]);
  // Nothing to break at, and letters of two code units.
  expect(wrapped("ACGTACGTACGTA", widthOf, 100, 3)).toEqual(["ACGTACGTAC", "GTA"]);
  expect(wrapped("𝒜".repeat(12), widthOf, 50, 2)).toEqual(["𝒜".repeat(5), `${"𝒜".repeat(4)}…`]);
  expect(wrapped("", widthOf, 100, 3)).toEqual([]);
});

test("no line is wider than its room, whatever the caption", () => {
  const words = Array.from({ length: 300 }, (_, n) => "x".repeat(1 + ((7 * n) % 23))).join(" ");
  const lines = wrapped(words, widthOf, 200, 1000);
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(200);
  expect(lines.join("").replaceAll(" ", "")).toBe(words.replaceAll(" ", ""));
});

test("a long name is cut with a mark, a short one is not", () => {
  expect(shortened("NM_000546.6", 11)).toBe("NM_000546.6");
  expect(shortened("NM_000546.6", 10)).toBe("NM_000546…");
});

test("what XML cannot hold is replaced, and nothing else", () => {
  const text = "a\u0000b\u0001\u000b\u001f c\td\ne\u007fé𝒜 \ud800\uffff";
  expect(printable(text)).toBe("a\ufffdb\ufffd\ufffd\ufffd c\td\ne\u007fé𝒜 \ufffd\ufffd");
});
