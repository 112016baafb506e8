import { expect, test } from "vitest";
import type { Query } from "../api/contract";
import { sentence as told } from "./no-rows";
import { type Question, readQuestion } from "./question";

const sentence = (
  table: Parameters<typeof told>[0],
  question: Question,
  of: Query | null | undefined,
  hsps: number | null = 0,
) => told(table, question, of, hsps);
const ask = (text: string) => readQuestion(new URLSearchParams(text));
const whole = { complete: true, total: 0, excluded_unknown: null };
const query: Query = {
  query: "q1",
  query_key: "@0:0",
  source: null,
  title: null,
  length: null,
  length_source: null,
  status: "no_hits",
  message: null,
  subjects: 0,
  hsps: 0,
  best_bits: null,
  best_evalue: null,
};

test("no hits is said only of what was read to its end", () => {
  expect(sentence(whole, ask(""), null)).toMatch(/^No hits: all was read/);
  for (const hsps of [3, null])
    expect(sentence(whole, ask(""), null, hsps)).toBe(
      "There are no rows here; the result may have hits.",
    );
  expect(sentence({ ...whole, complete: false }, ask(""), null)).not.toMatch(/[Nn]o hits/);
  expect(sentence({ ...whole, complete: false }, ask("query=q1"), null)).not.toMatch(/[Nn]o hits/);
});

test("a query says what became of it", () => {
  expect(sentence(whole, ask("query=q1"), query)).toBe("No hits for this query.");
  expect(sentence(whole, ask("query=q1"), { ...query, status: "unread" })).toBe(
    "Not read for this query.",
  );
  const message = "Sequence contains no data";
  expect(sentence(whole, ask("query=q1"), { ...query, status: "not_searched", message })).toBe(
    "Not searched for this query. BLAST says: Sequence contains no data",
  );
});

test("of a query that is not known nothing is said", () => {
  expect(sentence(whole, ask("query=q1"), undefined)).toBe("There are no rows for this query.");
  expect(sentence(whole, ask("query=q1"), null)).toBe("The result has no such query.");
});

test("rows that a report leaves out are not denied", () => {
  const cut = { ...whole, not_here: 200 };
  expect(sentence(cut, ask("min_identity=99"), query)).toBe(
    "Nothing in this report passes these filters; 200 rows of the result are not in it.",
  );
  expect(sentence({ ...cut, not_here: 1 }, ask("query=q1"), { ...query, status: "hits" })).toBe(
    "This report has none of these rows; 1 row of the result is not in it.",
  );
  expect(sentence({ ...whole, not_here: 0 }, ask(""), null)).toMatch(/^No hits: all was read/);
});

test("filters are never called no hits, and what is unknown is counted", () => {
  expect(sentence({ ...whole, excluded_unknown: 3 }, ask("min_identity=99"), query)).toBe(
    "Nothing passes these filters. 3 rows may or may not: the value asked for is unknown there.",
  );
});
