import { expect, test } from "vitest";
import { Problem } from "./client";
import { delayOf, isFinal, paceOf, waitOf } from "./pace";

const busy = new Problem(503, "unavailable", "busy", [], 30);
const gone = new Problem(404, "not_found", "gone");
const at = (seconds: number) => ({ updated_at: new Date(seconds * 1000).toISOString() });

test("a job is asked for the rarer, the longer nothing has changed", () => {
  const paces = [0, 10, 60, 3600].map((now) => paceOf(at(0), null, now * 1000));
  expect(paces).toEqual([1500, 1500, 6000, 15_000]);
});

test("a clock that is behind does not stop the asking", () => {
  expect(paceOf(at(7200), null, 0)).toBe(1500);
});

test("what the server wants to wait is waited", () => {
  expect(paceOf(at(0), busy, 0)).toBe(30_000);
  expect(delayOf(0, busy)).toBe(30_000);
  expect([0, 1, 2].map((tries) => delayOf(tries, gone))).toEqual([1000, 2000, 4000]);
  const pending = {
    kind: "pending",
    status: "completed",
    state: "pending",
    retryAfter: 4,
  } as const;
  expect(waitOf(pending, null)).toBe(4000);
  expect(waitOf(pending, busy)).toBe(30_000);
});

test("what is gone or refused is not asked for again", () => {
  expect(isFinal(gone)).toBe(true);
  expect(isFinal(new Problem(401, "unknown", "who?"))).toBe(true);
  expect([0, 429, 502, 503, 504].map((status) => isFinal(new Problem(status, "", "")))).toEqual(
    Array(5).fill(false),
  );
  expect(isFinal(null)).toBe(false);
});
