import type { Description, Hsp } from "../api/contract";

const PAGE = 100;

/** Parameters of a request. */
export type Asked = URLSearchParams;

/** What of a pair can be asked for, as tables and pictures both have it. */
export type Pair = Pick<
  Description,
  "subject" | "max_score" | "query_cover" | "evalue" | "per_ident" | "taxids" | "names"
>;

type Numbers = "identity" | "cover" | "bits" | "evalue";
type Figures = Record<Numbers, number | null>;

const RANGES: Record<string, [Numbers, "from" | "to"]> = {
  min_identity: ["identity", "from"],
  max_identity: ["identity", "to"],
  min_query_cover: ["cover", "from"],
  max_query_cover: ["cover", "to"],
  min_bitscore: ["bits", "from"],
  min_evalue: ["evalue", "from"],
  max_evalue: ["evalue", "to"],
};

/** Every filter but the query. */
export const FILTERS = [...Object.keys(RANGES), "subject", "organism", "taxid"];

export function figuresOfPair(row: Pair): Figures {
  const { per_ident: identity, query_cover: cover, max_score: bits, evalue } = row;
  return { identity, cover, bits, evalue };
}

/** An HSP's figures; `length` is the query's, where the row does not have it. */
export function figuresOfHsp(row: Hsp, length: number | null): Figures {
  const { pident, qstart, qend, qlen, bitscore, evalue } = row;
  const whole = qlen ?? length;
  const isKnown = qstart !== null && qend !== null && whole;
  const cover = isKnown ? (100 * (Math.abs(qend - qstart) + 1)) / whole : null;
  const rounded = cover === null ? null : Math.round(cover * 100) / 100;
  return { identity: pident, cover: rounded, bits: bitscore, evalue };
}

export interface Passing<Row> {
  rows: Row[];
  /** How many rows do not pass for an unknown value alone. */
  unknown: number;
}

/** The rows that pass the numeric filters, of those that are named. */
export function passing<Row>(
  rows: Row[],
  asked: Asked,
  figures: (row: Row) => Figures,
  isNamed: (row: Row) => boolean,
): Passing<Row> {
  const bounds = Object.entries(RANGES).flatMap(([name, [figure, side]]) => {
    const value = asked.get(name);
    return value ? [{ figure, side, bound: Number(value) }] : [];
  });
  let unknown = 0;
  const found = rows.filter((row) => {
    if (!isNamed(row)) return false;
    const known = figures(row);
    const passed = bounds.map(({ figure, side, bound }) => {
      const value = known[figure];
      return value === null ? null : side === "from" ? value >= bound : value <= bound;
    });
    if (passed.includes(false)) return false;
    if (!passed.includes(null)) return true;
    unknown++;
    return false;
  });
  return { rows: found, unknown };
}

/** A page of rows, sorted as it is asked for, and how many there are. */
export function pageOf<Row extends object>({ rows, unknown }: Passing<Row>, asked: Asked) {
  return { ...paged(sorted(rows, asked), asked), filtered: rows.length, excluded_unknown: unknown };
}

export function sorted<Row extends object>(rows: Row[], asked: Asked): Row[] {
  const column = asked.get("sort");
  if (!column || column === "query")
    return asked.get("order") === "desc" ? rows.toReversed() : rows;
  const sign = asked.get("order") === "desc" ? -1 : 1;
  const cellOf = (row: Row) => (row as Record<string, string | number | null>)[column] ?? null;
  return rows.toSorted((one, other) => {
    const [a, b] = [cellOf(one), cellOf(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return a < b ? -sign : a > b ? sign : 0;
  });
}

export function paged<Row>(rows: Row[], asked: Asked) {
  const from = Number(asked.get("cursor") ?? 0);
  const next = from + PAGE < rows.length ? String(from + PAGE) : null;
  return { page_size: PAGE, next_cursor: next, rows: rows.slice(from, from + PAGE) };
}

export const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
