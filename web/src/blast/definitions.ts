/** What a figure means and who defines it; shown on hover, on focus and in the list below a table. */
export interface Definition {
  label: string;
  text: string;
  source: string;
}

const TOOLKIT = "NCBI C++ Toolkit, align_format (GetSeqAlignSetCalcParams)";
const TABULAR = "BLAST+ tabular output";
const API = "this service";

export const DEFINITIONS = {
  title: {
    label: "Description",
    text: "Title of the subject as the database has it. Opens the alignments of this subject.",
    source: "database",
  },
  names: {
    label: "Organism",
    text: "Scientific names or taxids that the result file gives for the subject. Empty where the format carries none.",
    source: TABULAR,
  },
  max_score: {
    label: "Max score",
    text: "Highest bit score of any HSP of this query and subject, in bits.",
    source: TOOLKIT,
  },
  total_score: {
    label: "Total score",
    text: "Sum of the bit scores of all HSPs of this query and subject, in bits.",
    source: TOOLKIT,
  },
  query_cover: {
    label: "Query cover",
    text: "Percent of the query that at least one HSP covers: union of the query ranges by query length.",
    source: TOOLKIT,
  },
  evalue: {
    label: "E value",
    text: "Expected number of chance hits with at least this score. That of the HSP with the highest bit score; the list is ordered by the lowest of the subject.",
    source: TOOLKIT,
  },
  per_ident: {
    label: "Per. ident",
    text: "Identical letters by alignment length, in percent, of the HSP with the highest bit score (not the highest identity).",
    source: TOOLKIT,
  },
  acc_len: {
    label: "Acc. len",
    text: "Length of the subject sequence, not of the alignment.",
    source: TOOLKIT,
  },
  hsps: {
    label: "HSPs",
    text: "Number of local alignments of this query and subject.",
    source: TOOLKIT,
  },
  subject: {
    label: "Accession",
    text: "Id of the subject as the result file prints it.",
    source: TABULAR,
  },
  query: { label: "Query", text: "Id of the query, from its FASTA line.", source: "query file" },
  length: {
    label: "Length",
    text: "Length of the query in letters. Unknown where the format does not tell and no query file was there.",
    source: "result file or query FASTA",
  },
  status: {
    label: "Result",
    text: "“No hits” only where the result file was read to its end.",
    source: API,
  },
  subjects: { label: "Subjects", text: "Distinct subjects of this query.", source: API },
  best_bits: {
    label: "Best score",
    text: "Highest bit score among the HSPs of this query, in bits.",
    source: API,
  },
  best_evalue: {
    label: "Best E value",
    text: "Lowest E value among the HSPs of this query.",
    source: API,
  },
} satisfies Record<string, Definition>;

export type Term = keyof typeof DEFINITIONS;

export const ROUNDED =
  "≈ The result format prints bit scores with their decimals cut off (100 and above as whole numbers), so scores and their sums are slightly low.";
