import type {
  Aggregate,
  Alignments,
  Artifact,
  Description,
  Hsp,
  Job,
  Manifest,
  Queries,
  Query,
  Table,
} from "../api/contract";
import type { DrawnSubject, Graphic } from "../pictures/contract";
import type { Taxonomy } from "../taxonomy/contract";

/** The first rows of a query; the result has `filtered` of them. */
interface First<Row> {
  filtered: number;
  rows: Row[];
}

export type Drawn = DrawnSubject & Pick<Description, "taxids" | "names">;

/** What a report has of one query; `row` is null where rows do not tell their query. */
export interface OfQuery {
  row: Query | null;
  descriptions: First<Description>;
  alignments: First<Hsp>;
  graphic: Omit<Graphic, keyof Artifact | "rows"> & { rows: Drawn[] };
  taxonomy: Omit<Taxonomy, keyof Artifact>;
}

/** Everything in a report, as `python -m blast_artifacts report` puts it in. */
export interface Contents {
  job: Job;
  read_at: string;
  /** What the result has and the report has not, a sentence each. */
  left_out: string[];
  manifest: Manifest;
  aggregate: Aggregate;
  /** The tables of the whole result, without rows. */
  tables: { descriptions: Table<Description>; alignments: Alignments };
  queries: Queries;
  taxonomy: Taxonomy;
  of_queries: OfQuery[];
}

/** The contents of a report: gzip in base64; raises an error in words where they are damaged. */
export async function readContents(packed: string): Promise<Contents> {
  try {
    return await unpacked(packed.trim());
  } catch (error) {
    throw new Error(DAMAGED, { cause: error });
  }
}

const DAMAGED =
  "What is in this file is damaged, or not all of it is here. Get the file anew, or make the report once more.";

async function unpacked(packed: string): Promise<Contents> {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain).json();
}
