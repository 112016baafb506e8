import type { Description, Hsp, Table } from "../api/contract";
import type { Contents, OfQuery } from "./contents";

const PAGE = 100;

type Asked = URLSearchParams;
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

/** What the service would answer, as far as a report has it; null for what it has not. */
export function answer(contents: Contents, path: string, asked: Asked): unknown {
  const given = asked.get("query");
  const of = given
    ? contents.of_queries.filter(({ query, query_key }) => [query, query_key].includes(given))
    : contents.of_queries;
  const isMissing = given !== null && of.length === 0;
  switch (path) {
    case "":
    case "/":
      return contents.job;
    case "/results":
      return contents.manifest;
    case "/results/aggregate":
      return contents.aggregate;
    case "/results/queries":
      return queriesOf(contents, asked);
    case "/results/taxonomy":
      return taxonomyOf(contents, given ? of : null, asked);
    case "/results/descriptions":
      return isMissing ? null : descriptionsOf(contents, of, asked);
    case "/results/alignments":
      return isMissing ? null : alignmentsOf(contents, of, asked);
    case "/results/graphic":
      return isMissing ? null : graphicOf(contents, of, asked);
    default:
      return null;
  }
}

function queriesOf({ queries }: Contents, asked: Asked) {
  const text = asked.get("text")?.toLowerCase() ?? "";
  const statuses = asked.get("status")?.split(",") ?? [];
  const rows = queries.rows.filter(
    ({ query, title, status }) =>
      `${query} ${title ?? ""}`.toLowerCase().includes(text) &&
      (statuses.length === 0 || statuses.includes(status)),
  );
  return { ...queries, ...paged(sorted(rows, asked), asked), ...countsOf(rows, 0) };
}

/** Organisms were counted when the report was made: of all, or of one query, and of no filter. */
function taxonomyOf(contents: Contents, of: OfQuery[] | null, asked: Asked) {
  const table = of ? of[0]?.taxonomy : contents.taxonomy;
  const filters = [...Object.keys(RANGES), "subject", "organism", "taxid"];
  if (!table || filters.some((name) => asked.get(name))) return null;
  return { ...table, ...paged(sorted(table.rows, asked), asked) };
}

function descriptionsOf(contents: Contents, of: OfQuery[], asked: Asked) {
  const tables = of.map(({ descriptions }) => descriptions);
  const passing = filtered(
    tables.flatMap(({ rows }) => rows),
    asked,
    figuresOfPair,
    ofTaxa(contents, asked),
  );
  return tableOf(tables, contents.of_queries[0]?.descriptions, passing, asked);
}

function alignmentsOf(contents: Contents, of: OfQuery[], asked: Asked) {
  const tables = of.map(({ alignments }) => alignments);
  const pairs = new Set(
    of
      .flatMap(({ descriptions }) => descriptions.rows)
      .filter(ofTaxa(contents, asked))
      .map(({ query_key, subject }) => `${query_key} ${subject}`),
  );
  const subject = asked.get("subject");
  // Of a subject whose alignments are not here it is not said that there are none.
  if (
    subject &&
    of.every(({ alignments }) => alignments.rows.every((row) => row.sseqid !== subject))
  )
    return null;
  const places = asked.get("places");
  const isAsked = asked.get("taxid") !== null || asked.get("organism") !== null;
  const passing = filtered(
    tables.flatMap(({ rows }) => rows),
    asked,
    figuresOfHsp,
    ({ query_key, sseqid, qstart, qend, sstart, send }) =>
      (!isAsked || pairs.has(`${query_key} ${sseqid}`)) &&
      (!places || places === `${qstart}-${qend}:${sstart}-${send}`),
  );
  return tableOf(tables, contents.of_queries[0]?.alignments, passing, asked);
}

/** The picture of the first of these queries, of the pairs that pass; its distributions are of all pairs. */
function graphicOf(contents: Contents, [of]: OfQuery[], asked: Asked) {
  if (!of) return null;
  const { graphic, descriptions } = of;
  const isFiltered = [...asked.keys()].some((name) => name !== "query");
  if (!isFiltered) return graphic;
  const passing = filtered(descriptions.rows, asked, figuresOfPair, ofTaxa(contents, asked)).rows;
  const subjects = new Set(passing.map(({ subject }) => subject));
  const rows = graphic.rows.filter(({ subject }) => subjects.has(subject));
  const hsps = rows.reduce((sum, row) => sum + row.hsps_total, 0);
  return {
    ...graphic,
    subjects: rows.length,
    hsps,
    shown_subjects: rows.length,
    shown_hsps: rows.reduce((sum, row) => sum + row.hsps.length, 0),
    rows,
  };
}

function figuresOfPair(row: Description): Figures {
  const { per_ident: identity, query_cover: cover, max_score: bits, evalue } = row;
  return { identity, cover, bits, evalue };
}

function figuresOfHsp({ pident, qstart, qend, qlen, bitscore, evalue }: Hsp): Figures {
  const isKnown = qstart !== null && qend !== null && qlen;
  const cover = isKnown ? (100 * (Math.abs(qend - qstart) + 1)) / qlen : null;
  return { identity: pident, cover, bits: bitscore, evalue };
}

/** Whether a pair is of the organism or the taxon that is asked for, or below it in the lineages at hand. */
function ofTaxa({ taxonomy }: Contents, asked: Asked): (row: Description) => boolean {
  const organism = asked.get("organism")?.toLowerCase();
  const taxid = Number(asked.get("taxid") ?? Number.NaN);
  const below = new Set([taxid]);
  const named = new Set<number>();
  for (const taxon of taxonomy.rows) {
    if (taxon.lineage.some((node) => node.taxid === taxid)) below.add(taxon.taxid);
    if (organism && taxon.name?.toLowerCase().includes(organism)) named.add(taxon.taxid);
  }
  return ({ taxids, names }) =>
    (Number.isNaN(taxid) || (taxids ?? []).some((each) => below.has(each))) &&
    (!organism ||
      (names ?? []).some((name) => name.toLowerCase().includes(organism)) ||
      (taxids ?? []).some((each) => named.has(each)));
}

/** The rows that pass, and how many do not for an unknown value alone. */
function filtered<Row extends { subject?: string | null; sseqid?: string | null }>(
  rows: Row[],
  asked: Asked,
  figures: (row: Row) => Figures,
  isNamed: (row: Row) => boolean,
): { rows: Row[]; unknown: number } {
  const subject = asked.get("subject");
  const bounds = Object.entries(RANGES).flatMap(([name, [figure, side]]) => {
    const value = asked.get(name);
    return value ? [{ figure, side, bound: Number(value) }] : [];
  });
  let unknown = 0;
  const passing = rows.filter((row) => {
    if ((subject && (row.subject ?? row.sseqid) !== subject) || !isNamed(row)) return false;
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
  return { rows: passing, unknown };
}

function sorted<Row extends object>(rows: Row[], asked: Asked): Row[] {
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

function paged<Row>(rows: Row[], asked: Asked) {
  const from = Number(asked.get("cursor") ?? 0);
  const next = from + PAGE < rows.length ? String(from + PAGE) : null;
  return { page_size: PAGE, next_cursor: next, rows: rows.slice(from, from + PAGE) };
}

const countsOf = (rows: unknown[], unknown: number) => ({
  filtered: rows.length,
  excluded_unknown: unknown,
});

function tableOf<Row extends object>(
  tables: Table<Row>[],
  first: Table<Row> | undefined,
  { rows, unknown }: { rows: Row[]; unknown: number },
  asked: Asked,
) {
  const total = tables.reduce((sum, table) => sum + table.rows.length, 0);
  return { ...first, total, ...paged(sorted(rows, asked), asked), ...countsOf(rows, unknown) };
}
