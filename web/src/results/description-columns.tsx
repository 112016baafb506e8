import { Fragment } from "react";
import { Link } from "react-router";
import type { Description } from "../api/contract";
import { formatBits, formatCount, formatEvalue } from "../blast/numbers";
import type { Column } from "../parts/result-table";
import { addressOf } from "./question";

/** NCBI's columns; `isRounded`: the format cuts the decimals of bit scores. */
export function descriptionColumns(
  jobId: string,
  isRounded: boolean,
  isAll: boolean,
): Column<Description>[] {
  const score = (value: number | null) => (isRounded ? about(bits(value)) : bits(value));
  const columns: Column<Description>[] = [
    {
      term: "title",
      sorts: "asc",
      cell: (row) => (
        <Link className="title" to={addressOf(jobId, "alignments", row.query_key, row.subject)}>
          {row.title ?? row.subject ?? "unnamed subject"}
        </Link>
      ),
    },
    { term: "names", cell: organism },
    {
      term: "max_score",
      isNumber: true,
      sorts: "desc",
      cell: (row) => score(row.max_score),
    },
    {
      term: "total_score",
      isNumber: true,
      sorts: "desc",
      cell: (row) => score(row.total_score),
    },
    { term: "query_cover", isNumber: true, sorts: "desc", cell: cover },
    { term: "evalue", isNumber: true, sorts: "asc", cell: (row) => evalue(row.evalue) },
    { term: "per_ident", isNumber: true, sorts: "desc", cell: (row) => percent(row.per_ident) },
    {
      term: "acc_len",
      isNumber: true,
      sorts: "desc",
      cell: (row) => known(row.acc_len, formatCount),
    },
    { term: "hsps", isNumber: true, sorts: "desc", cell: (row) => formatCount(row.hsps) },
    { term: "subject", sorts: "asc", cell: (row) => <code>{row.subject}</code> },
  ];
  return isAll ? [{ term: "query", cell: (row) => <code>{row.query}</code> }, ...columns] : columns;
}

export function known<Value>(value: Value | null, show: (value: Value) => string): string | null {
  return value === null ? null : show(value);
}

export const bits = (value: number | null) => known(value, formatBits);
export const percent = (value: number | null) => known(value, (known) => `${known.toFixed(2)}%`);

function about(text: string | null) {
  return text === null ? null : (
    <>
      <span className="about">≈</span>
      {text}
    </>
  );
}

export function evalue(value: number | null) {
  return value === null ? null : <span title={String(value)}>{formatEvalue(value)}</span>;
}

function cover(row: Description) {
  if (row.query_cover_ncbi === null) return null;
  return <span title={`${row.query_cover?.toFixed(2)} %`}>{row.query_cover_ncbi}%</span>;
}

function organism({ names, taxids }: Description) {
  if (names?.length) return names.join("; ");
  if (!taxids?.length) return null;
  return taxids.map((taxid, n) => (
    <Fragment key={taxid}>
      {n > 0 && "; "}
      <span>taxid {taxid}</span>
    </Fragment>
  ));
}
