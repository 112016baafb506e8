import { useMemo } from "react";
import { Link } from "react-router";
import type { Job, Queries, Query, QueryStatus } from "../api/contract";
import { useView } from "../api/hooks";
import { formatCount } from "../blast/numbers";
import { QUERY_STATUS } from "../blast/words";
import { useEnvelope } from "../job/honesty";
import { BeingRead } from "../job/not-there-yet";
import { Glossary } from "../parts/definitions";
import { Note, Skeleton } from "../parts/notes";
import { type Column, ResultTable } from "../parts/result-table";
import { bits, evalue, known } from "./description-columns";
import { Exports } from "./exports";
import { notHere, Pager } from "./pager";
import { titleOf } from "./query-picker";
import {
  type Asked,
  addressOf,
  askedOf,
  parametersOf,
  QUERY_FILTERS,
  useQuestion,
} from "./question";
import { RowsError } from "./rows-error";

export default function QueriesTab({ job }: { job: Job }) {
  const asked = useQuestion(QUERY_FILTERS);
  const { sort, order } = asked.question;
  const view = useView<Queries>(job, "results/queries", parametersOf(asked.question, null));
  const unit = useEnvelope(job).figures?.units.query_length ?? "";
  const columns = useMemo(() => queryColumns(job.job_id, unit), [job.job_id, unit]);
  const body = view.data?.kind === "here" ? view.data.body : null;
  return (
    <>
      <RowsError error={view.error} asked={asked} refetch={() => void view.refetch()} />
      {view.data?.kind === "pending" && <BeingRead retryAfter={view.data.retryAfter} />}
      {view.isLoading && <Skeleton rows={12} label="Loading queries" />}
      {body && (
        <div className="toolbar">
          <Statuses queries={body} asked={asked} />
          <TextFilter asked={asked} />
          <Exports job={job} table="queries" asked={askedOf(asked.question, null)} />
        </div>
      )}
      {body && body.rows.length === 0 && (
        <Note>
          <p>
            {body.total ? "There are no such queries." : "What was read names no query."}
            {body.not_here ? ` ${notHere(body.not_here, ["query", "queries"])}.` : ""}
          </p>
        </Note>
      )}
      {body && body.rows.length > 0 && (
        <>
          <ResultTable
            name="queries"
            caption="Queries, in the order of the query file"
            columns={columns}
            rows={body.rows}
            idOf={(row) => row.query_key}
            isStale={view.isPlaceholderData}
            sorting={{
              by: sort,
              order,
              onSort: (by, chosen) => asked.ask({ sort: by, order: chosen }),
            }}
          />
          <Pager table={body} asked={asked} what={["query", "queries"]} />
          <Glossary terms={columns.map(({ term }) => term)} />
        </>
      )}
    </>
  );
}

/** How many queries there are of each kind; a click shows only these. */
function Statuses({ queries, asked }: { queries: Queries; asked: Asked }) {
  const { filters } = asked.question;
  const counts = Object.entries(queries.by_status) as [QueryStatus, number][];
  const choose = (status: QueryStatus | null) => {
    const { status: _, ...others } = filters;
    asked.ask({ filters: status ? { ...others, status } : others });
  };
  return (
    <fieldset className="buttons">
      <legend className="hidden">Which queries are shown</legend>
      <button type="button" aria-pressed={!filters.status} onClick={() => choose(null)}>
        All {formatCount(queries.total)}
      </button>
      {counts.map(([status, count]) => (
        <button
          key={status}
          type="button"
          aria-pressed={filters.status === status}
          onClick={() => choose(status)}
        >
          {QUERY_STATUS[status]} {formatCount(count)}
        </button>
      ))}
    </fieldset>
  );
}

function TextFilter({ asked }: { asked: Asked }) {
  const { filters } = asked.question;
  return (
    <form
      key={filters.text}
      className="buttons"
      onSubmit={(event) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget).get("text")).trim();
        const { text: _, ...others } = filters;
        asked.ask({ filters: text ? { ...others, text } : others });
      }}
    >
      <input
        type="search"
        name="text"
        aria-label="Id or title contains"
        placeholder="id or title contains"
        defaultValue={filters.text ?? ""}
      />
      <button type="submit">Search</button>
    </form>
  );
}

function queryColumns(jobId: string, unit: string): Column<Query>[] {
  return [
    {
      term: "query",
      sorts: "asc",
      cell: (row) => (
        <>
          {row.subjects ? (
            <Link to={addressOf(jobId, "descriptions", row.query_key)}>{row.query}</Link>
          ) : (
            row.query
          )}
          {titleOf(row) && <small> {titleOf(row)}</small>}
        </>
      ),
    },
    {
      term: "length",
      sorts: "desc",
      isNumber: true,
      cell: (row) => known(row.length, (length) => `${formatCount(length)} ${unit}`),
    },
    {
      term: "status",
      sorts: "asc",
      cell: (row) => (
        <>
          {QUERY_STATUS[row.status]}
          {row.message && <small> {row.message}</small>}
        </>
      ),
    },
    {
      term: "subjects",
      isNumber: true,
      sorts: "desc",
      cell: (row) => known(row.subjects, formatCount),
    },
    { term: "hsps", isNumber: true, sorts: "desc", cell: (row) => known(row.hsps, formatCount) },
    { term: "best_bits", isNumber: true, sorts: "desc", cell: (row) => bits(row.best_bits) },
    { term: "best_evalue", isNumber: true, sorts: "asc", cell: (row) => evalue(row.best_evalue) },
  ];
}
