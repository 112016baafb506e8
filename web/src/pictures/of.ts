import type { Job, Manifest } from "../api/contract";
import { useView } from "../api/hooks";
import type { Graphic } from "./contract";
import type { Subject } from "./picture";

/** Program and database of a job, as its results name them where the job itself does not: it may be adopted. */
export function useSearched(job: Job): string {
  const isTold = Boolean(job.program && job.database);
  const view = useView<Manifest>(job, "results", {}, !isTold);
  const searches = view.data?.kind === "here" ? view.data.body.searches : [];
  // Until it is known where it was searched, nothing is said of it: a picture may be saved before.
  if (!isTold && view.data?.kind !== "here" && !view.error) return job.program || "BLAST";
  const program = job.program || distinct(searches.map((one) => one.program)) || "BLAST";
  const database = job.database || distinct(searches.map((one) => one.database)) || "not known";
  return `${program}, database: ${database}`;
}

function distinct(names: (string | null)[]): string {
  return [...new Set(names.filter(Boolean))].join(", ");
}

/** What the pictures are of, in the words that go into their files. */
export function subjectOf(job: Job, graphic: Graphic, searched: string): Subject {
  const title = graphic.query_title?.startsWith(graphic.query ?? " ")
    ? graphic.query_title
    : `${graphic.query ?? "unnamed query"} ${graphic.query_title ?? ""}`.trim();
  return { job: job.title ?? job.job_id, lines: [`Query: ${title}`, searched] };
}
