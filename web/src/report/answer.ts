import type { Query } from "../api/contract";
import { isMeant } from "../results/query-list";
import type { Contents, OfQuery } from "./contents";
import {
  type Asked,
  FILTERS,
  figuresOfHsp,
  figuresOfPair,
  paged,
  pageOf,
  passing,
  sorted,
  sum,
} from "./filtering";
import { graphicOf } from "./graphic";
import { namedIn } from "./named";

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
      return graphicOf(contents, scope.meant?.[0], scope.of[0], asked);
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
