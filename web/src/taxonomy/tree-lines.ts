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
