import type { FilterTexts } from "../results/question";
import type { Bin } from "./contract";

const [ALL, SHARE] = [100, 1e-10];
const HUNDREDTH = 0.01;

/** Filters that hold for one bin of identities too. They are shown with two decimals; the last bin has its end in it. */
export function withIdentity(filters: FilterTexts, { from, to }: Bin): FilterTexts {
  const upper = to === null || to === ALL ? ALL : Number((to - HUNDREDTH).toFixed(2));
  return {
    ...filters,
    min_identity: highest(from, filters.min_identity),
    max_identity: lowest(upper, filters.max_identity),
  };
}

/** Filters that hold for one bin of E values too, with all that is below its upper edge and can be told from it. */
export function withEvalue(filters: FilterTexts, { from, to }: Bin): FilterTexts {
  const held = { ...filters, min_evalue: highest(from, filters.min_evalue) };
  if (to === null) return held;
  const upper = Number((to * (1 - SHARE)).toPrecision(10));
  return { ...held, max_evalue: lowest(upper, filters.max_evalue) };
}

const highest = (bound: number, other?: string) =>
  String(other ? Math.max(bound, Number(other)) : bound);

const lowest = (bound: number, other?: string) =>
  String(other ? Math.min(bound, Number(other)) : bound);
