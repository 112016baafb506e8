import { expect, test } from "vitest";
import { askedOf, isPlain, QUERY_FILTERS, readQuestion, writeQuestion } from "./question";

const read = (text: string) => readQuestion(new URLSearchParams(text));

test("an address is read and written back as it was", () => {
  const text =
    "?query=%400%3A3&organism=Homo+sapiens&max_evalue=1e-5&sort=per_ident&order=desc&cursor=abc&page=2&pick=%400%3A3+sp%7CP1%7CX";
  expect(writeQuestion(read(text))).toBe(text);
  expect(read(text).picks).toEqual(["@0:3 sp|P1|X"]);
});

test("without anything the first query is meant, and all of it", () => {
  expect(read("")).toMatchObject({ query: null, isAll: false, page: 1 });
  expect(isPlain(read(""))).toBe(true);
  expect(writeQuestion(read("?page=7"))).toBe("");
});

test("what is not known is left out rather than sent on", () => {
  expect(read("?status=hits&order=sideways&page=-1&min_identity=")).toEqual(read(""));
  expect(readQuestion(new URLSearchParams("status=hits"), QUERY_FILTERS).filters).toEqual({
    status: "hits",
  });
});

test("all queries are asked for without one, and an export without a page", () => {
  const question = read("?queries=all&cursor=abc&min_identity=90");
  expect(askedOf(question, "@0:0")).toEqual({ min_identity: "90" });
});
