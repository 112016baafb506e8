import type { Program } from "./programs";

/** An option of BLAST+ as the form asks for it; empty means BLAST's own default. */
export interface Option {
  name: string;
  label: string;
  help: string;
  kind: "number" | "whole" | "choice" | "words" | "switch" | "list";
  choices?: string[];
  placeholder?: string;
  fits?(program: Program): boolean;
}

const isTranslated = (program: Program) => !["blastn", "blastp"].includes(program.name);
const isBlastn = (program: Program) => program.name === "blastn";
const isGapped = (program: Program) => program.name !== "tblastx";
const hasNucleotideQuery = (program: Program) => program.query === "nucleotide";
const isTranslatedDatabase = (program: Program) => ["tblastn", "tblastx"].includes(program.name);

export const MAIN_OPTIONS: Option[] = [
  {
    name: "evalue",
    label: "E value",
    help: "Report hits expected by chance at most this often. BLAST's default is 10.",
    kind: "number",
    placeholder: "10",
  },
  {
    name: "max_target_seqs",
    label: "Max target sequences",
    help: "Subjects kept for each query, 500 if not given. This is not the best N: BLAST may leave better matches out of a short list.",
    kind: "whole",
    placeholder: "500",
  },
  {
    name: "word_size",
    label: "Word size",
    help: "Length of the exact match that starts an alignment. Smaller finds more and takes longer.",
    kind: "whole",
  },
];

export const MORE_OPTIONS: Option[] = [
  {
    name: "max_hsps",
    label: "Max HSPs",
    help: "Local alignments kept for each query and subject.",
    kind: "whole",
  },
  {
    name: "perc_identity",
    label: "Min. identity (%)",
    help: "Alignments with fewer identical letters are dropped by BLAST.",
    kind: "number",
    fits: isBlastn,
  },
  {
    name: "qcov_hsp_perc",
    label: "Min. cover per HSP (%)",
    help: "HSPs that cover less of the query are dropped by BLAST.",
    kind: "number",
  },
  {
    name: "matrix",
    label: "Matrix",
    help: "Scores of amino acid pairs.",
    kind: "choice",
    choices: [
      "BLOSUM45",
      "BLOSUM50",
      "BLOSUM62",
      "BLOSUM80",
      "BLOSUM90",
      "PAM30",
      "PAM70",
      "PAM250",
    ],
    fits: (program) => !isBlastn(program),
  },
  {
    name: "reward",
    label: "Match score",
    help: "Reward of a matching nucleotide.",
    kind: "whole",
    fits: isBlastn,
  },
  {
    name: "penalty",
    label: "Mismatch score",
    help: "Penalty of a mismatch, 0 or negative.",
    kind: "whole",
    fits: isBlastn,
  },
  {
    name: "gapopen",
    label: "Gap opening cost",
    help: "Only certain pairs of gap costs are allowed for each matrix.",
    kind: "whole",
    fits: isGapped,
  },
  {
    name: "gapextend",
    label: "Gap extension cost",
    help: "Only certain pairs of gap costs are allowed for each matrix.",
    kind: "whole",
    fits: isGapped,
  },
  {
    name: "dust",
    label: "Low complexity (dust)",
    help: "Mask low-complexity stretches of the query.",
    kind: "choice",
    choices: ["yes", "no"],
    fits: isBlastn,
  },
  {
    name: "seg",
    label: "Low complexity (seg)",
    help: "Mask low-complexity stretches of the query.",
    kind: "choice",
    choices: ["yes", "no"],
    fits: (program) => !isBlastn(program),
  },
  {
    name: "strand",
    label: "Query strand",
    help: "Which strands of the query are searched.",
    kind: "choice",
    choices: ["both", "plus", "minus"],
    fits: hasNucleotideQuery,
  },
  {
    name: "query_gencode",
    label: "Genetic code of the query",
    help: "NCBI's number of the code that the query is translated with; 1 is the standard code.",
    kind: "whole",
    fits: (program) => isTranslated(program) && hasNucleotideQuery(program),
  },
  {
    name: "db_gencode",
    label: "Genetic code of the database",
    help: "NCBI's number of the code that the database is translated with.",
    kind: "whole",
    fits: isTranslatedDatabase,
  },
  {
    name: "soft_masking",
    label: "Soft masking",
    help: "Masked letters start no alignment, but may lie within one.",
    kind: "choice",
    choices: ["true", "false"],
  },
  {
    name: "ungapped",
    label: "Ungapped only",
    help: "Alignments without gaps.",
    kind: "switch",
    fits: isGapped,
  },
  {
    name: "taxids",
    label: "Taxids",
    help: "Only subjects of these taxa: numbers with commas or blanks between them.",
    kind: "list",
  },
];

export const OUTPUTS = {
  "15": "Table and alignments (JSON, format 15)",
  "7 std staxids stitle qlen slen qcovs": "Table only, a fifth of the size (tabular, format 7)",
} as const;

export type OptionTexts = Record<string, string>;

/** The options that fit a program and were filled in, each as the type that the API takes. */
export function optionValues(program: Program, texts: OptionTexts): Record<string, unknown> {
  const task = texts.task;
  const values: Record<string, unknown> = task && program.tasks.includes(task) ? { task } : {};
  for (const option of [...MAIN_OPTIONS, ...MORE_OPTIONS]) {
    const text = texts[option.name]?.trim();
    if (text && (option.fits?.(program) ?? true)) values[option.name] = typed(option, text);
  }
  return { ...values, outfmt: texts.outfmt ?? Object.keys(OUTPUTS)[0] };
}

function typed(option: Option, text: string): unknown {
  if (option.kind === "number" || option.kind === "whole") {
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  }
  if (option.kind === "list") return text.split(/[\s,;]+/).map(Number);
  if (option.kind === "switch" || option.name === "soft_masking") return text === "true";
  return text;
}
