import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readContents } from "./contents";

const packed = gzipSync(JSON.stringify({ read_at: "2026-01-02", left_out: ["é"] })).toString(
  "base64",
);

test("the contents of a report are unpacked", async () => {
  expect(await readContents(` ${packed}\n`)).toEqual({ read_at: "2026-01-02", left_out: ["é"] });
});

test.each([
  ["nothing", ""],
  ["half of them", packed.slice(0, packed.length / 2)],
  ["an end within a letter", packed.slice(0, -3)],
  ["what is not base64", `${packed.slice(0, 20)}<p>${packed.slice(20)}`],
  ["a changed letter", packed.replace(packed.charAt(30), packed.charAt(30) === "A" ? "B" : "A")],
  ["what is not gzip", btoa("{}")],
])("of %s it is said that the file is damaged", async (_, text) => {
  await expect(readContents(text)).rejects.toThrow(/damaged, or not all of it is here/);
});
