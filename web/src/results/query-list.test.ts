import { expect, test } from "vitest";
import type { Query } from "../api/contract";
import { type Listed, neighbourOf, type Side, soughtNeighbour } from "./query-list";

/** Eight queries on pages of three; of some there are no hits. */
const QUERIES = [
  "hits",
  "no_hits",
  "hits",
  "no_hits",
  "no_hits",
  "unread",
  "no_hits",
  "partial",
].map((status, n) => ({ query: `q${n}`, query_key: `@0:${n}`, status }) as Query);
const upTo = (count: number): Listed => ({
  rows: QUERIES.slice(0, count),
  hasMore: count < QUERIES.length,
});

test("neighbours are the nearest queries with hits, as far as the list tells", () => {
  const near = (count: number, current: string, side: Side) =>
    neighbourOf(upTo(count), current, side)?.query;
  expect(near(3, "@0:0", "next")).toBe("q2");
  expect(near(3, "q2", "previous")).toBe("q0");
  expect(neighbourOf(upTo(3), "q0", "previous")).toBeNull();
  expect(neighbourOf(upTo(8), "q7", "next")).toBeNull();
  expect(neighbourOf(upTo(8), "nobody", "next")).toBeNull();
  // What is behind these pages is not known yet.
  expect(neighbourOf(upTo(3), "q2", "next")).toBeUndefined();
  for (const side of ["previous", "next"] as const)
    expect(neighbourOf(upTo(3), "q5", side)).toBeUndefined();
});

test("they are sought on as many pages as it takes, and no more", async () => {
  const seek = async (current: string, side: Side) => {
    let count = 3;
    const found = await soughtNeighbour(upTo(count), current, side, async () => {
      count = Math.min(QUERIES.length, count + 3);
      return upTo(count);
    });
    return [found?.query ?? null, count];
  };
  expect(await seek("q0", "next")).toEqual(["q2", 3]);
  expect(await seek("q2", "next")).toEqual(["q7", 8]);
  expect(await seek("q5", "previous")).toEqual(["q2", 6]);
  expect(await seek("q7", "next")).toEqual([null, 8]);
  const broken = () => Promise.reject(new Error("offline"));
  await expect(soughtNeighbour(upTo(3), "q2", "next", broken)).rejects.toThrow("offline");
});
