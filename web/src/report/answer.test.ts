import { expect, test } from "vitest";
import type { Alignments, Description, Hsp, Query, Table } from "../api/contract";
import type { Graphic } from "../pictures/contract";
import type { Taxonomy } from "../taxonomy/contract";
import { answer } from "./answer";
import type { Contents, OfQuery } from "./contents";

const artifact = {
  job_id: "local-build",
  run: 1,
  complete: true,
  sources: { files: 1, bytes: 1, rows: 1, rejected: 0, by_state: {}, not_whole: [] },
  warnings: [],
};
const table = { ...artifact, filtered: 0, page_size: 100, next_cursor: null, rows: [] };

const queryOf = (n: number, subjects: number): Query => ({
  query: `q${n}`,
  query_key: `@0:${n}`,
  source: null,
  title: null,
  length: 400,
  length_source: null,
  status: subjects ? "hits" : "no_hits",
  message: null,
  subjects,
  hsps: subjects,
  best_bits: null,
  best_evalue: null,
});

/** Subject s0 is the best: each next one has a bit and half a percent less. */
const pairOf = (query: Query, n: number) =>
  ({
    query: query.query,
    query_key: query.query_key,
    subject: `s${n}`,
    max_score: 1000 - n,
    query_cover: n === 3 ? null : 100,
    evalue: n < 2 ? 0 : 1e-30,
    per_ident: 100 - n / 2,
    hsps: 1,
    taxids: [9606 + (n % 2)],
    names: null,
  }) as Description;

const hspOf = (query: Query, n: number) =>
  ({
    query_key: query.query_key,
    sseqid: `s${n}`,
    pident: 100 - n / 2,
    qstart: 1,
    qend: 100,
    qlen: null,
    bitscore: 1000 - n,
    evalue: 1e-30,
  }) as Hsp;

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

const taxon = (taxid: number, name: string, lineage: number[], current_taxid = taxid) => ({
  taxid,
  current_taxid,
  name,
  lineage: lineage.map((each) => ({ taxid: each, name: null, rank: null })),
});

const taxonomy = {
  ...table,
  total: 2,
  filtered: 2,
  subjects: 10,
  lineage_source: "taxonomy_table",
  rows: [taxon(9606, "Homo sapiens", [9605]), taxon(9607, "Pan made up", [9596])],
} as unknown as Taxonomy;

interface Here {
  subjects: number;
  hsps: number;
  drawn: number;
}

function ofQuery(row: Query, here: Here): OfQuery {
  const count = row.subjects ?? 0;
  const graphic = {
    query: row.query,
    query_key: row.query_key,
    subjects: count,
    hsps: count,
    evalue_distribution: [
      { from: 0, to: 1e-180, count: 2 },
      { from: 1e-180, to: null, count: count - 2 },
    ],
    evalue_unknown: 0,
    identity_distribution: [
      { from: 0, to: 95, count: Math.max(0, count - 11) },
      { from: 95, to: 100, count: Math.min(11, count) },
    ],
    identity_unknown: 0,
    shown_subjects: here.drawn,
    shown_hsps: here.drawn,
    rows: numbers(here.drawn).map((n) => ({
      ...pairOf(row, n),
      hsps_total: 1,
      hsps: [[1, 100, 1, 100, 1000 - n, 1e-30, 99]],
    })),
  };
  return {
    row,
    descriptions: { filtered: count, rows: numbers(here.subjects).map((n) => pairOf(row, n)) },
    alignments: { filtered: count, rows: numbers(here.hsps).map((n) => hspOf(row, n)) },
    graphic: graphic as unknown as OfQuery["graphic"],
    taxonomy,
  };
}

/** A report of these queries; of those with a measure there are rows. */
function reportOf(queries: [Query, Here | null][], named = queries.length): Contents {
  const rows = queries.map(([query]) => query);
  const total = rows.reduce((sum, { subjects }) => sum + (subjects ?? 0), 0);
  return {
    job: {},
    manifest: { ...artifact, searches: [] },
    aggregate: {},
    left_out: [],
    tables: {
      descriptions: { ...table, total },
      alignments: { ...table, total, columns_missing: [], sequences: { present: true } },
    },
    queries: {
      ...table,
      total: rows.length,
      filtered: rows.length,
      by_status: {},
      rows: rows.slice(0, named),
    },
    taxonomy,
    of_queries: queries.flatMap(([query, here]) => (here ? [ofQuery(query, here)] : [])),
  } as unknown as Contents;
}

function ask<Body>(contents: Contents, path: string, asked = ""): Body {
  return answer(contents, `/results/${path}`, new URLSearchParams(asked)) as Body;
}

type Descriptions = Table<Description>;
type Picture = Graphic & { excluded_unknown: number };

const whole = (count: number): Here => ({ subjects: count, hsps: count, drawn: count });
const VIEWS = ["descriptions", "alignments", "graphic", "taxonomy"];

test("a result without hits is as complete as it was read", () => {
  const none = reportOf([
    [queryOf(0, 0), null],
    [queryOf(1, 0), null],
  ]);
  for (const view of VIEWS) {
    const told = ask<Descriptions>(none, view);
    expect(told.complete, view).toBe(true);
    expect(told.not_here ?? 0, view).toBe(0);
  }
  expect(ask(none, "descriptions")).toMatchObject({ total: 0, filtered: 0, rows: [] });
  expect(ask(none, "alignments")).toMatchObject({ rows: [], sequences: { present: true } });
  const cut = { ...none, tables: { ...none.tables } };
  cut.tables.descriptions = { ...none.tables.descriptions, complete: false };
  expect(ask<Descriptions>(cut, "descriptions").complete).toBe(false);
});

test("of a query without hits there is nothing to miss", () => {
  const contents = reportOf([
    [queryOf(0, 5), whole(5)],
    [queryOf(1, 0), null],
  ]);
  for (const name of ["q1", "@0:1", "nobody"])
    for (const view of ["descriptions", "alignments", "graphic"])
      expect(ask(contents, view, `query=${name}`), `${view} ${name}`).toMatchObject({
        complete: true,
        rows: [],
        ...(view === "graphic" ? { subjects: 0 } : { filtered: 0, not_here: 0 }),
      });
  expect(ask(contents, "taxonomy", "query=q1")).toMatchObject({
    subjects: 0,
    filtered: 0,
    rows: [],
  });
  expect(ask<Graphic>(contents, "graphic", "query=q1").query).toBe("q1");
});

test("only what was left out is not in the report", () => {
  const contents = reportOf([
    [queryOf(0, 5), whole(5)],
    [queryOf(1, 5), null],
  ]);
  for (const view of VIEWS) {
    expect(ask(contents, view, "query=q1"), view).toBeNull();
    expect(ask(contents, view, "query=q0"), view).not.toBeNull();
    // Organisms of all queries are there without the rows of any.
    const isThere = ask(reportOf([[queryOf(0, 5), null]]), view) !== null;
    expect(isThere, view).toBe(view === "taxonomy");
  }
  expect(ask(contents, "descriptions")).toMatchObject({ total: 10, filtered: 5, not_here: 5 });
  const unnamed = reportOf(
    [
      [queryOf(0, 0), null],
      [queryOf(1, 0), null],
    ],
    1,
  );
  for (const view of VIEWS) expect(ask(unnamed, view, "query=q1"), view).toBeNull();
});

test("every query is found by its key and by its id, also behind the first page and behind those named", () => {
  const some: [Query, Here | null][] = numbers(250).map((n) => [queryOf(n, 2), whole(2)]);
  const contents = reportOf(some, 200);
  for (const n of [0, 100, 101, 199, 249])
    for (const query of [`q${n}`, `@0:${n}`])
      expect(ask<Table<Query>>(contents, "queries", `query=${query}`).rows).toEqual([
        queryOf(n, 2),
      ]);
  expect(ask<Table<Query>>(reportOf(some), "queries", "query=nobody").rows).toEqual([]);
  expect(ask(contents, "queries", "query=nobody")).toBeNull();
  const list = ask<Table<Query>>(contents, "queries");
  expect([list.total, list.filtered, list.not_here, list.rows.length]).toEqual([250, 200, 50, 100]);
  expect(ask<Table<Query>>(contents, "queries", "cursor=100").rows[0]).toEqual(queryOf(100, 2));
});

test("tables that are cut say how many rows they lack, and deny none", () => {
  const contents = reportOf([[queryOf(0, 700), { subjects: 500, hsps: 100, drawn: 700 }]]);
  const counts = (view: string, asked = "") => {
    const { total, filtered, not_here } = ask<Descriptions>(contents, view, `query=q0&${asked}`);
    return [total, filtered, not_here];
  };
  expect(counts("descriptions")).toEqual([700, 500, 200]);
  expect(counts("alignments")).toEqual([700, 100, 600]);
  expect(counts("descriptions", "min_identity=95")).toEqual([700, 11, 200]);
  expect(counts("descriptions", "max_evalue=1e-40")).toEqual([700, 2, 200]);
  expect(counts("descriptions", "subject=s499")).toEqual([700, 1, 0]);
  expect(counts("alignments", "subject=s99")).toEqual([700, 1, 0]);
  for (const [view, subject] of [
    ["descriptions", "s500"],
    ["descriptions", "s699"],
    ["alignments", "s100"],
    ["alignments", "s699"],
  ])
    expect(ask(contents, view as string, `query=q0&subject=${subject}`)).toBeNull();
  const all = reportOf([[queryOf(0, 7), whole(7)]]);
  expect(ask(all, "descriptions", "subject=s9")).toMatchObject({ rows: [], not_here: 0 });
  expect(ask(all, "alignments", "subject=s9")).toMatchObject({ rows: [], not_here: 0 });
});

test("pictures under filters are of the pairs that pass, with their histograms", () => {
  const contents = reportOf([[queryOf(0, 40), { subjects: 20, hsps: 5, drawn: 40 }]]);
  const picture = (asked: string) => ask<Picture>(contents, "graphic", `query=q0&${asked}`);
  const counts = ({ evalue_distribution, identity_distribution }: Picture) =>
    [evalue_distribution, identity_distribution].map((bins) => bins.map(({ count }) => count));
  expect(counts(picture(""))).toEqual([
    [2, 38],
    [29, 11],
  ]);
  const best = picture("min_identity=99");
  expect(counts(best)).toEqual([
    [2, 1],
    [0, 3],
  ]);
  expect([best.subjects, best.hsps, best.shown_subjects, best.not_here]).toEqual([3, 3, 3, 0]);
  expect(best.rows.map(({ subject }) => subject)).toEqual(["s0", "s1", "s2"]);
  const covered = picture("min_query_cover=50&min_identity=95");
  expect([covered.subjects, covered.excluded_unknown]).toEqual([10, 1]);
  expect(picture("subject=s39").rows.map(({ subject }) => subject)).toEqual(["s39"]);
  expect(picture("taxid=9605").subjects).toBe(20);
});

test("subjects that are not drawn keep their dots and bars, and the places that their rows tell", () => {
  const contents = reportOf([[queryOf(0, 40), { subjects: 30, hsps: 12, drawn: 10 }]]);
  const picture = (asked: string) => ask<Picture>(contents, "graphic", `query=q0&${asked}`);
  const every = picture("");
  expect([every.rows.length, every.shown_subjects, every.shown_hsps]).toEqual([30, 12, 12]);
  expect([every.subjects, every.not_here]).toEqual([40, 10]);
  // Halves of a percent: s10 and s11 have rows of HSPs, s12 to s14 have not.
  const behind = picture("max_identity=95&min_identity=93");
  expect(behind.rows.map(({ subject, hsps }) => [subject, hsps.length])).toEqual([
    ["s10", 1],
    ["s11", 1],
    ["s12", 0],
    ["s13", 0],
    ["s14", 0],
  ]);
  expect(behind.rows[0]?.hsps[0]?.slice(0, 2)).toEqual([1, 100]);
  expect([behind.subjects, behind.hsps, behind.shown_subjects]).toEqual([5, 5, 2]);
  const undrawn = picture("max_identity=94&min_identity=93");
  expect([undrawn.subjects, undrawn.shown_subjects, undrawn.rows.length]).toEqual([3, 0, 3]);
  expect(undrawn.identity_distribution.map(({ count }) => count)).toEqual([3, 0]);
  const pair = picture("subject=s11");
  expect([pair.rows.length, pair.rows[0]?.hsps_total, pair.not_here]).toEqual([1, 1, 10]);
  expect(picture("subject=s20").rows[0]?.hsps).toEqual([]);
});

test("of two subjects with one name it is not told whose HSPs are whose", () => {
  const contents = reportOf([[queryOf(0, 4), { subjects: 4, hsps: 4, drawn: 1 }]]);
  const [one] = contents.of_queries as [OfQuery];
  const twice = one.descriptions.rows.map((row, n) => ({
    ...row,
    subject: n < 2 ? row.subject : "s2",
  }));
  const changed = {
    ...contents,
    of_queries: [{ ...one, descriptions: { ...one.descriptions, rows: twice } }],
  };
  const { rows } = ask<Picture>(changed, "graphic", "query=q0");
  expect(rows.map(({ hsps }) => hsps.length)).toEqual([1, 1, 0, 0]);
});

test("pictures that are cut say of how many subjects they know nothing", () => {
  const contents = reportOf([[queryOf(0, 700), { subjects: 100, hsps: 0, drawn: 100 }]]);
  const picture = ask<Picture>(contents, "graphic", "query=q0");
  expect([picture.subjects, picture.rows.length, picture.not_here]).toEqual([700, 100, 600]);
  const passing = ask<Picture>(contents, "graphic", "query=q0&min_identity=99");
  expect([passing.subjects, passing.not_here]).toEqual([3, 600]);
  expect(ask(contents, "graphic", "query=q0&subject=s600")).toBeNull();
});

test("the cover of an HSP is that of its query where its row does not tell the length", () => {
  const contents = reportOf([[queryOf(0, 5), whole(5)]]);
  const covering = (bound: number) =>
    ask<Alignments>(contents, "alignments", `query=q0&min_query_cover=${bound}`);
  expect(covering(25)).toMatchObject({ filtered: 5, excluded_unknown: 0 });
  expect(covering(25.01)).toMatchObject({ filtered: 0, excluded_unknown: 0 });
});

test("a taxon has the pairs of the taxids that were merged into it", () => {
  const contents = reportOf([[queryOf(0, 10), whole(10)]]);
  const merged = [taxon(9606, "Homo sapiens", [9605]), taxon(9607, "Homo sapiens", [9605], 9606)];
  const now = { ...contents, taxonomy: { ...taxonomy, rows: merged } as unknown as Taxonomy };
  now.of_queries = contents.of_queries.map((one) => ({ ...one, taxonomy: now.taxonomy }));
  const under = (taxid: number) =>
    ask<Descriptions>(now, "descriptions", `taxid=${taxid}`).filtered;
  expect([under(9606), under(9607), under(9605)]).toEqual([10, 5, 10]);
});

test("a taxon has the pairs below it, as far as lineages are here", () => {
  const contents = reportOf([[queryOf(0, 10), whole(10)]]);
  const under = (asked: string) => ask<Descriptions>(contents, "descriptions", asked);
  expect(under("taxid=9605").filtered).toBe(5);
  expect(under("taxid=9606").filtered).toBe(5);
  expect(under("organism=sapiens").filtered).toBe(5);
  expect(ask<Alignments>(contents, "alignments", "taxid=9596").rows.map((r) => r.sseqid)).toEqual([
    "s1",
    "s3",
    "s5",
    "s7",
    "s9",
  ]);
  const short = { ...taxonomy, rows: taxonomy.rows.slice(0, 1) };
  const [one] = contents.of_queries as [OfQuery];
  const cut = { ...contents, taxonomy: short, of_queries: [{ ...one, taxonomy: short }] };
  expect(ask(cut, "descriptions", "taxid=9605")).toBeNull();
  expect(ask(cut, "descriptions", "organism=Pan")).toBeNull();
  expect(ask(cut, "taxonomy")).toMatchObject({ filtered: 2, not_here: 1 });
});

test("rows that do not tell their query are all there is", () => {
  const contents = reportOf([[queryOf(0, 3), whole(3)]]);
  const [one] = contents.of_queries as [OfQuery];
  const nameless = {
    ...contents,
    queries: { ...contents.queries, total: 0, filtered: 0, rows: [] },
    of_queries: [{ ...one, row: null }],
  };
  expect(ask(nameless, "descriptions")).toMatchObject({ filtered: 3, not_here: 0 });
  expect(ask(nameless, "descriptions", "query=q0")).toMatchObject({ filtered: 0, not_here: 0 });
});

test("what looks like a key is no id", () => {
  const odd = { ...queryOf(1, 2), query: "@0:0" };
  const contents = reportOf([
    [queryOf(0, 2), whole(2)],
    [odd, whole(2)],
  ]);
  expect(ask<Table<Query>>(contents, "queries", "query=@0:0").rows).toEqual([queryOf(0, 2)]);
});
