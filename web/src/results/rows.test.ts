import { expect, test } from "vitest";
import { firstQuery } from "./rows";

const page = (keys: string[], next: string | null) => ({
  job_id: "5f0c",
  run: 1,
  complete: true,
  sources: { files: 1, bytes: 1, rows: 1, rejected: 0, by_state: {}, not_whole: [] },
  warnings: [],
  total: 900,
  filtered: 900,
  page_size: 100,
  next_cursor: next,
  rows: keys.map((query_key) => ({ query_key })),
});

test("the first query is whole where another one follows, or nothing at all", () => {
  const followed = firstQuery(page(["a", "a", "b"], "next"));
  expect(followed).toMatchObject({ key: "a", isWhole: true });
  expect(followed.body).toMatchObject({ filtered: 2, next_cursor: null });
  expect(firstQuery(page(["a", "a"], null))).toMatchObject({ key: "a", isWhole: true });
});

test("a query that goes on behind the page is not whole", () => {
  expect(firstQuery(page(["a", "a"], "next"))).toMatchObject({ key: "a", isWhole: false });
});

test("a query is not taken for whole where a report leaves rows out", () => {
  expect(firstQuery({ ...page(["a", "b"], null), not_here: 3 }).isWhole).toBe(false);
});

test("an empty page has no first query", () => {
  expect(firstQuery(page([], null))).toMatchObject({ key: null, isWhole: true });
});
