import type { Job } from "../api/contract";
import type { Graphic } from "./contract";
import type { Subject } from "./picture";

/** What the pictures are of, in the words that go into their files. */
export function subjectOf(job: Job, graphic: Graphic): Subject {
  const title = graphic.query_title?.startsWith(graphic.query ?? " ")
    ? graphic.query_title
    : `${graphic.query ?? "unnamed query"} ${graphic.query_title ?? ""}`.trim();
  return {
    job: job.title ?? job.job_id,
    lines: [
      `Query: ${title}`,
      `${job.program || "BLAST"}, database: ${job.database || "not known"}`,
    ],
  };
}
