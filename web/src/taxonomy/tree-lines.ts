import { formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import type { Branch } from "./contract";

export interface Line {
  branch: Branch;
  depth: number;
  /** How many lines above this one its parent is. */
  above: number;
}

/** A tree as lines from the top down, each branch before what is below it. */
export function linesOf(tree: Branch): Line[] {
  const lines: Line[] = [];
  const add = (branch: Branch, depth: number, parent: number) => {
    const at = lines.length;
    lines.push({ branch, depth, above: at - parent });
    for (const child of branch.children) add(child, depth + 1, at);
  };
  add(tree, 0, 0);
  return lines;
}

/** How many subjects a taxon has; and where several queries found some, with how many pairs. */
export function hitsWords({ hits, pairs }: Pick<Branch, "hits" | "pairs">): string {
  return pairs > hits
    ? `${counted(hits, "hit")} (${formatCount(pairs)} with each query that found them)`
    : counted(hits, "hit");
}

/** What a click on a taxon opens: a list that may have more rows than the taxon has hits. */
export function clickWords({ hits, pairs }: Pick<Branch, "hits" | "pairs">): string {
  return pairs > hits
    ? "A click opens the subjects of a taxon in a list, a row for each query that found one and whose file tells the taxid."
    : "A click opens the subjects of a taxon.";
}
