import type { FilterTexts } from "../results/question";
import type { Bin } from "./contract";

const [ALL, SHARE] = [100, 1e-10];
const HUNDREDTH = 0.01;

/**
 * Filters that hold for one bin of identities too, null where nothing can pass both. Identities are shown with two
 * decimals; the last bin has its end in it.
 */
export function withIdentity(filters: FilterTexts, { from, to }: Bin): FilterTexts | null {
  const upper = to === null || to === ALL ? ALL : Number((to - HUNDREDTH).toFixed(2));
  const [low, high] = [highest(from, filters.min_identity), lowest(upper, filters.max_identity)];
  return low > high ? null : { ...filters, min_identity: String(low), max_identity: String(high) };
}

/**
 * Filters that hold for one bin of E values too, null where nothing can pass both: all that is below its upper edge and
 * can be told from it.
 */
export function withEvalue(filters: FilterTexts, { from, to }: Bin): FilterTexts | null {
  const low = highest(from, filters.min_evalue);
  const upper = to === null ? Number.POSITIVE_INFINITY : Number((to * (1 - SHARE)).toPrecision(10));
  const high = lowest(upper, filters.max_evalue);
  if (low > high) return null;
  const held = { ...filters, min_evalue: String(low) };
  return Number.isFinite(high) ? { ...held, max_evalue: String(high) } : held;
}

const highest = (bound: number, other?: string) => (other ? Math.max(bound, Number(other)) : bound);

const lowest = (bound: number, other?: string) => (other ? Math.min(bound, Number(other)) : bound);
