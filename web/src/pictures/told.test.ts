import { expect, test } from "vitest";
import type { DrawnSubject, Graphic, Place } from "./contract";
import {
  behindWords,
  dotsOf,
  hspsWords,
  isOnQuery,
  matchesWords,
  nameOf,
  placelessWords,
  placesOf,
  reasonOf,
  summaryWords,
  undrawnWords,
} from "./told";

const PLUS: Place = [1, 100, 1, 100, 500, 0, 99];
const MINUS: Place = [201, 300, 300, 201, 100, 0, 90];
const PLACELESS: Place = [null, null, null, null, 50, 0, 90];

const subject = (hsps: Place[], given: Partial<DrawnSubject> = {}): DrawnSubject => ({
  subject: "s",
  title: null,
  max_score: 500,
  total_score: 500,
  query_cover: 10,
  evalue: 0,
  min_evalue: 0,
  per_ident: 99,
  acc_len: null,
  hsps_total: hsps.length,
  hsps,
  ...given,
});

const graphic = (rows: DrawnSubject[], subjects: number, hsps: number) =>
  ({ rows, subjects, hsps }) as Graphic;

const said = (rows: DrawnSubject[], subjects: number, hsps: number, drawn = rows.length) =>
  summaryWords(graphic(rows, subjects, hsps), rows.slice(0, drawn));

test("the graphic summary says how many subjects and HSPs of how many are drawn", () => {
  const rows = [subject([PLUS, MINUS]), subject([PLUS])];
  const all = "2 subjects with 3 HSPs along the query, all drawn, a row each, best on top. A thin";
  expect(said(rows, 2, 3)).toContain(all);
  expect(said(rows, 2, 3, 1)).toContain(
    "3 HSPs along the query, the best 1 subject with 2 HSPs drawn,",
  );
  expect(said(rows, 9, 30)).toContain("the best 2 subjects with 3 HSPs drawn,");
  // All subjects, but not all HSPs of the last.
  expect(said(rows, 2, 8)).toContain("the best 2 subjects with 3 HSPs drawn,");
  expect(hspsWords(subject([PLUS], { hsps_total: 6 }))).toBe("6 HSPs, 1 of them drawn");
  expect(hspsWords(subject([PLUS]))).toBe("1 HSP");
});

test("what has no place on the query is not said to be drawn", () => {
  const placed = said([subject([PLUS, PLACELESS]), subject([PLACELESS])], 2, 3);
  expect(placed).toContain(
    "the query, 1 subject with 1 HSP drawn, a row each, best on top. Of 2 HSPs the place",
  );
  expect([subject([PLUS, PLACELESS]), subject([PLACELESS]), subject([])].map(isOnQuery)).toEqual([
    true,
    false,
    false,
  ]);
  expect(placelessWords({ subjects: 2 })).toBe(
    "2 subjects cannot be drawn along the query: the places of their HSPs on it are not known.",
  );
});

test("the table of the summary tells the strand, and a subject without an id is unnamed", () => {
  expect(placesOf(subject([PLUS, MINUS, PLACELESS]))).toBe("1–100, 201–300 (strands differ), ?–?");
  expect(nameOf({ subject: null })).toBe("unnamed");
  expect(said([subject([PLUS], { subject: null })], 1, 1)).toContain(
    "The best is unnamed, 500 bits.",
  );
});

test("pictures of a pair say how many of its HSPs they show", () => {
  expect(matchesWords(2, subject([PLUS, MINUS]))).toEqual({ words: "2 HSPs", rest: "" });
  expect(matchesWords(1, subject([PLUS, PLACELESS], { hsps_total: 5 }))).toEqual({
    words: "1 of 5 HSPs",
    rest: " Of 1 HSP a place is not known. 3 more HSPs of this pair are not drawn.",
  });
});

test("dots are of how many subjects, and of how many a value is unknown", () => {
  const [known, unknown] = [subject([PLUS]), subject([PLUS], { query_cover: null })];
  const of = (rows: DrawnSubject[], subjects: number) => {
    const { dots, words, rest } = dotsOf({ rows, subjects });
    return [dots.length, words, rest];
  };
  expect(of([known, known], 2)).toEqual([2, "2 subjects", ""]);
  expect(of([known, unknown], 2)).toEqual([
    1,
    "1 subject",
    " Of 1 subject one of the two is unknown.",
  ]);
  expect(of([known, known], 30)).toEqual([2, "The best 2 of 30 subjects", ""]);
  expect(of([unknown], 3)).toEqual([
    0,
    "None of 3 subjects",
    " Of 1 subject one of the two is unknown.",
  ]);
  const many = Array.from({ length: 6000 }, () => known);
  expect(of(many, 6000)).toEqual([5000, "The best 5\u2009000 of 6\u2009000 subjects", ""]);
});

test("that nothing is drawn is not said to be because nothing is there", () => {
  expect(reasonOf({ query_key: null, subjects: 0 }, null, 59)).toContain(
    "Rows that do not tell their query",
  );
  expect(reasonOf({ query_key: "@0:0", subjects: 1 }, "@0:0", 59)).toBe(
    "1 subject passes, and none of them can be drawn.",
  );
  expect(reasonOf({ query_key: "@0:0", subjects: 0 }, "@0:0", 59)).toBeNull();
  expect(reasonOf({ query_key: null, subjects: 0 }, "nobody", 59)).toBeNull();
  expect(reasonOf({ query_key: null, subjects: 0 }, null, 0)).toBeNull();
  // Whether there are hits is not known.
  expect(reasonOf({ query_key: null, subjects: 0 }, null, null)).toContain("no query with hits");
});

test("what is not drawn is said to be left out, or not to be in the report", () => {
  expect(behindWords({ subjects: 3 }, 3)).toBeNull();
  expect(behindWords({ subjects: 4 }, 3)).toBe(
    "1 more subject with lower scores is not drawn: filter for less.",
  );
  expect(behindWords({ subjects: 4, not_here: 0 }, 3)).toBe(
    "1 more subject cannot be drawn along the query: the report has none of its HSPs.",
  );
  expect(behindWords({ subjects: 2, not_here: 9 }, 0)).toBe(
    "2 subjects cannot be drawn along the query: the report has none of their HSPs.",
  );
});

test("a pair without a picture says why", () => {
  expect(undrawnWords(subject([], { hsps_total: 3 }))).toContain("the report has none of its HSPs");
  expect(undrawnWords(subject([PLACELESS]))).toContain("are not known");
  expect(undrawnWords(undefined)).toContain("another query");
});

test("subjects in the middle are not said to be the best", () => {
  const rows = [subject([]), subject([PLUS])];
  expect(summaryWords(graphic(rows, 2, 4), rows.slice(1))).toContain(
    "2 subjects with 4 HSPs along the query, 1 subject with 1 HSP drawn,",
  );
});
