import type { Query } from "../api/contract";
import type { Bin, Graphic } from "../pictures/contract";
import { isMeant } from "../results/query-list";
import type { Contents, OfQuery } from "./contents";
import {
  type Asked,
  FILTERS,
  figuresOfHsp,
  figuresOfPair,
  type Pair,
  paged,
  pageOf,
  passing,
  sorted,
} from "./filtering";

/** What the service would answer, as far as a report has it; null for what it has not. */
export function answer(contents: Contents, path: string, asked: Asked): unknown {
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
  }
  const scope = scopeOf(contents, asked.get("query"));
  // Organisms of all queries are here whether or not rows of any query are.
  if (path === "/results/taxonomy" && !scope.meant) return taxonomyOf(contents, scope, asked);
  if (scope.isLost) return null;
  switch (path) {
    case "/results/taxonomy":
      return taxonomyOf(contents, scope, asked);
    case "/results/descriptions":
      return descriptionsOf(contents, scope, asked);
    case "/results/alignments":
      return alignmentsOf(contents, scope, asked);
    case "/results/graphic":
      return graphicOf(contents, scope, asked);
    default:
      return null;
  }
}

/** The queries that are meant, and how much the result has of them, be it here or not. */
interface Scope {
  /** Null where all queries are meant. */
  meant: Query[] | null;
  of: OfQuery[];
  subjects: number;
  hsps: number;
  /** Whether the result has rows, or may have, of which none is here. */
  isLost: boolean;
}

function scopeOf(contents: Contents, given: string | null): Scope {
  const { of_queries, queries, tables } = contents;
  if (given === null) {
    const [subjects, hsps] = [tables.descriptions.total, tables.alignments.total];
    const isLost = of_queries.length === 0 && hsps > 0;
    return { meant: null, of: of_queries, subjects, hsps, isLost };
  }
  const meant = knownQueries(contents).filter((row) => isMeant(row, given));
  const of = of_queries.filter(({ row }) => row && isMeant(row, given));
  const subjects = sum(meant.map((row) => row.subjects ?? 0));
  const mayBe = meant.length === 0 && queries.rows.length < queries.total;
  const isLost = of.length === 0 && (subjects > 0 || mayBe);
  return { meant, of, subjects, hsps: sum(meant.map((row) => row.hsps ?? 0)), isLost };
}

/** The queries that are named, and those of which there are rows. */
function knownQueries({ queries, of_queries }: Contents): Query[] {
  const named = new Set(queries.rows.map(({ query_key }) => query_key));
  const others = of_queries.flatMap(({ row }) => (row && !named.has(row.query_key) ? [row] : []));
  return [...queries.rows, ...others];
}

function queriesOf(contents: Contents, asked: Asked) {
  const { queries } = contents;
  const given = asked.get("query");
  const text = asked.get("text")?.toLowerCase() ?? "";
  const statuses = asked.get("status")?.split(",") ?? [];
  const rows = (given === null ? queries.rows : knownQueries(contents)).filter(
    (row) =>
      (given === null || isMeant(row, given)) &&
      `${row.query} ${row.title ?? ""}`.toLowerCase().includes(text) &&
      (statuses.length === 0 || statuses.includes(row.status)),
  );
  const behind = queries.total - queries.rows.length;
  if (given !== null && rows.length === 0 && behind > 0) return null;
  const not_here = given === null ? behind : 0;
  return { ...queries, ...pageOf({ rows, unknown: 0 }, asked), not_here };
}

/** Organisms were counted when the report was made: of all, or of one query, and of no filter. */
function taxonomyOf(contents: Contents, { meant, of }: Scope, asked: Asked) {
  const isFiltered = FILTERS.some((name) => asked.get(name));
  const withHits = meant?.filter((row) => row.subjects).length ?? 1;
  if (withHits === 0) return { ...contents.taxonomy, ...NO_ORGANISMS, ...paged([], asked) };
  const found = meant ? of[0]?.taxonomy : contents.taxonomy;
  if (!found || withHits > 1 || isFiltered) return null;
  const not_here = found.filtered - found.rows.length;
  const page = paged(sorted(found.rows, asked), asked);
  return { ...contents.taxonomy, ...found, ...page, not_here };
}

const NO_SUBJECTS = { subjects: 0, pairs: 0, hsps: 0, best_bits: null, best_evalue: null };
const NO_ORGANISMS = {
  filtered: 0,
  subjects: 0,
  subjects_with_several_taxids: 0,
  unassigned: NO_SUBJECTS,
  unresolved: NO_SUBJECTS,
  common_ancestor: null,
  tree: null,
};

function descriptionsOf(contents: Contents, scope: Scope, asked: Asked) {
  const here = scope.of.flatMap(({ descriptions }) => descriptions.rows);
  const isNamed = namedIn(contents, here, asked);
  const subject = asked.get("subject");
  let not_here = scope.subjects - here.length;
  if (subject) {
    const isFound = here.some((row) => row.subject === subject);
    // Of a subject that is not here it is not said that there is none.
    if (!isFound && not_here > 0) return null;
    if (isFound && scope.meant?.length === 1) not_here = 0;
  }
  if (!isNamed) return null;
  const found = passing(here, asked, figuresOfPair, isNamed);
  return { ...contents.tables.descriptions, ...pageOf(found, asked), not_here };
}

function alignmentsOf(contents: Contents, scope: Scope, asked: Asked) {
  const { meant, of, hsps } = scope;
  const here = of.flatMap(({ alignments }) => alignments.rows);
  const pairs = of.flatMap(({ descriptions }) => descriptions.rows);
  const subject = asked.get("subject");
  const places = asked.get("places");
  let not_here = hsps - here.length;
  if (subject) {
    const mine = here.filter((row) => row.sseqid === subject).length;
    if (mine === 0 && not_here > 0) return null;
    const told = pairs.filter((pair) => pair.subject === subject);
    if (meant && told.length === meant.length) not_here = sum(told.map((pair) => pair.hsps)) - mine;
  }
  const isNamed = namedIn(contents, pairs, asked);
  if (!isNamed) return null;
  const named = new Set(pairs.filter(isNamed).map((pair) => `${pair.query_key} ${pair.subject}`));
  const isAsked = ["taxid", "organism"].some((name) => asked.get(name));
  const lengths = new Map(of.map(({ row }) => [row?.query_key ?? null, row?.length ?? null]));
  const found = passing(
    here,
    asked,
    (row) => figuresOfHsp(row, lengths.get(row.query_key) ?? null),
    (row) =>
      (!subject || row.sseqid === subject) &&
      (!places || places === `${row.qstart}-${row.qend}:${row.sstart}-${row.send}`) &&
      (!isAsked || named.has(`${row.query_key} ${row.sseqid}`)),
  );
  // Of places that are not here it is not said that there is no HSP.
  if (places && found.rows.length === 0 && not_here > 0) return null;
  return { ...contents.tables.alignments, ...pageOf(found, asked), not_here };
}

/** The picture of the first of these queries, of the pairs that pass. */
function graphicOf(contents: Contents, { meant, of: [of] }: Scope, asked: Asked) {
  const { job_id, run, complete, sources, warnings } = contents.manifest;
  const envelope = { job_id, run, complete, sources, warnings };
  if (!of) return { ...envelope, ...emptyPicture(meant?.[0]) };
  const { graphic, descriptions } = of;
  // Tables and pictures are cut at other places.
  const isDrawn = graphic.rows.length >= descriptions.rows.length;
  const pairs: (Pair & { count: number })[] = isDrawn
    ? graphic.rows.map((row) => ({ ...row, count: row.hsps_total }))
    : descriptions.rows.map((row) => ({ ...row, count: row.hsps }));
  const not_here = Math.max(0, graphic.subjects - pairs.length);
  if (FILTERS.every((name) => !asked.get(name))) return { ...envelope, ...graphic, not_here };
  const isNamed = namedIn(contents, pairs, asked);
  if (!isNamed) return null;
  const found = passing(pairs, asked, figuresOfPair, isNamed);
  if (asked.get("subject") && found.rows.length === 0 && not_here > 0) return null;
  const subjects = new Set(found.rows.map(({ subject }) => subject));
  const rows = graphic.rows.filter(({ subject }) => subjects.has(subject));
  const evalues = spread(
    graphic.evalue_distribution,
    found.rows.map(({ evalue }) => evalue),
  );
  const identities = spread(
    graphic.identity_distribution,
    found.rows.map(({ per_ident }) => per_ident),
  );
  return {
    ...envelope,
    ...graphic,
    subjects: found.rows.length,
    hsps: sum(found.rows.map(({ count }) => count)),
    excluded_unknown: found.unknown,
    evalue_distribution: evalues.bins,
    evalue_unknown: evalues.unknown,
    identity_distribution: identities.bins,
    identity_unknown: identities.unknown,
    shown_subjects: rows.length,
    shown_hsps: sum(rows.map((row) => row.hsps.length)),
    rows,
    not_here,
  };
}

function emptyPicture(query: Query | undefined): Partial<Graphic> {
  return {
    query: query?.query ?? null,
    query_key: query?.query_key ?? null,
    query_title: query?.title ?? null,
    query_length: query?.length ?? null,
    extent: query?.length ?? null,
    subjects: 0,
    hsps: 0,
    evalue_distribution: [],
    evalue_unknown: 0,
    identity_distribution: [],
    identity_unknown: 0,
    shown_subjects: 0,
    shown_hsps: 0,
    rows: [],
  };
}

/** Values counted into these bins, each from its lower edge on; what is below them all is in the first. */
function spread(bins: Bin[], values: (number | null)[]): { bins: Bin[]; unknown: number } {
  const known = values.filter((value) => value !== null);
  const places = known.map((value) =>
    Math.max(
      0,
      bins.findLastIndex(({ from }) => from <= value),
    ),
  );
  const counted = bins.map((bin, n) => ({
    ...bin,
    count: places.filter((place) => place === n).length,
  }));
  return { bins: counted, unknown: values.length - known.length };
}

/**
 * Whether a pair is of the subject, organism and taxon that are asked for, or below that in the lineages at hand; null
 * where lineages are known and those of some of these pairs are not here.
 */
function namedIn(
  { taxonomy, of_queries }: Contents,
  pairs: Pair[],
  asked: Asked,
): ((row: Pair) => boolean) | null {
  const subject = asked.get("subject");
  const organism = asked.get("organism")?.toLowerCase();
  const taxid = asked.get("taxid") ? Number(asked.get("taxid")) : null;
  const taxa = [taxonomy, ...of_queries.map((one) => one.taxonomy)].flatMap((table) =>
    table.lineage_source === taxonomy.lineage_source ? table.rows : [],
  );
  const told = new Set(taxa.map((taxon) => taxon.taxid));
  const isTold = ({ taxids }: Pair) => (taxids ?? []).every((each) => told.has(each));
  if ((organism || taxid !== null) && taxonomy.lineage_source && !pairs.every(isTold)) return null;
  const below = new Set([taxid]);
  const named = new Set<number>();
  for (const taxon of taxa) {
    if (taxon.lineage.some((node) => node.taxid === taxid)) below.add(taxon.taxid);
    if (organism && taxon.name?.toLowerCase().includes(organism)) named.add(taxon.taxid);
  }
  return (row) =>
    (!subject || row.subject === subject) &&
    (taxid === null || (row.taxids ?? []).some((each) => below.has(each))) &&
    (!organism ||
      (row.names ?? []).some((name) => name.toLowerCase().includes(organism)) ||
      (row.taxids ?? []).some((each) => named.has(each)));
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
