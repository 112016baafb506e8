export type Kind = "protein" | "nucleotide";

export interface Program {
  name: string;
  query: Kind;
  database: Kind;
  /** What is compared, for somebody who has to choose. */
  text: string;
  tasks: string[];
}

export const PROGRAMS: Program[] = [
  {
    name: "blastn",
    query: "nucleotide",
    database: "nucleotide",
    text: "nucleotides against nucleotides",
    tasks: ["megablast", "dc-megablast", "blastn", "blastn-short"],
  },
  {
    name: "blastp",
    query: "protein",
    database: "protein",
    text: "proteins against proteins",
    tasks: ["blastp", "blastp-short", "blastp-fast"],
  },
  {
    name: "blastx",
    query: "nucleotide",
    database: "protein",
    text: "translated nucleotides against proteins",
    tasks: ["blastx", "blastx-fast"],
  },
  {
    name: "tblastn",
    query: "protein",
    database: "nucleotide",
    text: "proteins against translated nucleotides",
    tasks: ["tblastn", "tblastn-fast"],
  },
  {
    name: "tblastx",
    query: "nucleotide",
    database: "nucleotide",
    text: "translated nucleotides against translated nucleotides",
    tasks: [],
  },
];

export function programOf(name: string): Program {
  return PROGRAMS.find((program) => program.name === name) ?? (PROGRAMS[0] as Program);
}

/** Whether the letters that a program aligns are amino acids: in all but blastn they are. */
export function alignsProteins(program: string): boolean {
  return program !== "blastn";
}
