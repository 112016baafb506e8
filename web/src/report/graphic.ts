import type { Query } from "../api/contract";
import type { Bin, Graphic, Place } from "../pictures/contract";
import type { Contents, Drawn, OfQuery } from "./contents";
import { type Asked, FILTERS, figuresOfPair, passing, sum } from "./filtering";
import { namedIn } from "./named";

/** The picture of a query, of the pairs that pass; of one without rows here it is empty. */
export function graphicOf(
  contents: Contents,
  query: Query | undefined,
  of: OfQuery | undefined,
  asked: Asked,
) {
  const { job_id, run, complete, sources, warnings } = contents.manifest;
  const envelope = { job_id, run, complete, sources, warnings };
  if (!of) return { ...envelope, ...emptyPicture(query) };
  const { graphic } = of;
  // Rows that do not tell their query lie along none.
  const pairs = graphic.query_key === null ? [] : drawnOf(of);
  const not_here = Math.max(0, graphic.subjects - pairs.length);
  if (FILTERS.every((name) => !asked.get(name)))
    return { ...envelope, ...graphic, ...shown(of, pairs), not_here };
  const isNamed = namedIn(contents, pairs, asked);
  if (!isNamed) return null;
  const found = passing(pairs, asked, figuresOfPair, isNamed);
  if (asked.get("subject") && found.rows.length === 0 && not_here > 0) return null;
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
    hsps: sum(found.rows.map((row) => row.hsps_total)),
    excluded_unknown: found.unknown,
    evalue_distribution: evalues.bins,
    evalue_unknown: evalues.unknown,
    identity_distribution: identities.bins,
    identity_unknown: identities.unknown,
    ...shown(of, found.rows),
    not_here,
  };
}

/**
 * The subjects of which anything is here, best first. Tables and pictures are cut at other places: those behind the last
 * that is drawn stand in the descriptions, and have the HSPs that the alignments have of them, be these none.
 */
function drawnOf({ graphic, descriptions, alignments }: OfQuery): Drawn[] {
  const others = descriptions.rows.slice(graphic.rows.length);
  const places = new Map<string | null, Place[]>();
  for (const hsp of alignments.rows) {
    const { qstart, qend, sstart, send, bitscore, evalue, pident } = hsp;
    const mine = places.get(hsp.sseqid) ?? [];
    places.set(hsp.sseqid, [...mine, [qstart, qend, sstart, send, bitscore, evalue, pident]]);
  }
  const isOnly = (subject: string | null) =>
    descriptions.rows.filter((row) => row.subject === subject).length === 1;
  return [
    ...graphic.rows,
    ...others.map(({ hsps: hsps_total, ...row }) => ({
      ...row,
      hsps_total,
      // Of two subjects with one name it is not known whose HSPs these are.
      hsps: isOnly(row.subject) ? (places.get(row.subject) ?? []) : [],
    })),
  ];
}

function shown({ graphic }: OfQuery, rows: Drawn[]) {
  const drawn = rows.filter(({ hsps }) => hsps.length > 0);
  const ends = drawn.flatMap(({ hsps }) => hsps.flatMap(([from, to]) => [from ?? 1, to ?? 1]));
  const end = ends.reduce((most, each) => Math.max(most, each), graphic.extent ?? 0);
  return {
    extent: end || null,
    shown_subjects: drawn.length,
    shown_hsps: sum(drawn.map(({ hsps }) => hsps.length)),
    rows,
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
