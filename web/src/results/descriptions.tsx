import { useMemo } from "react";
import type { Description, Job, Table } from "../api/contract";
import { ROUNDED } from "../blast/definitions";
import { useEnvelope } from "../job/honesty";
import { BeingRead } from "../job/not-there-yet";
import { Glossary } from "../parts/definitions";
import { Skeleton } from "../parts/notes";
import { ResultTable } from "../parts/result-table";
import { descriptionColumns } from "./description-columns";
import { Exports } from "./exports";
import { Filters } from "./filters";
import { NoRows } from "./no-rows";
import { Pager } from "./pager";
import { Picks } from "./picks";
import { QueryPicker } from "./query-picker";
import { askedOf, useQuestion } from "./question";
import { useRows } from "./rows";
import { RowsError } from "./rows-error";

type Descriptions = Table<Description>;

const idOf = (row: Description) => `${row.query_key ?? ""} ${row.subject ?? ""}`;

export function DescriptionsTab({ job }: { job: Job }) {
  const asked = useQuestion();
  const { question, ask } = asked;
  const { figures } = useEnvelope(job);
  const rows = useRows<Description, Descriptions>(job, "results/descriptions", question);
  const isRounded = figures?.totals.scores_rounded ?? false;
  const columns = useMemo(
    () => descriptionColumns(job.job_id, isRounded, question.isAll),
    [job.job_id, isRounded, question.isAll],
  );
  const { body } = rows;
  return (
    <>
      <QueryPicker job={job} current={rows.query} name={body?.rows[0]?.query} asked={asked} />
      <div className="toolbar">
        <Filters asked={asked} />
        <Exports job={job} table="descriptions" asked={askedOf(question, rows.query)} />
      </div>
      <RowsError error={rows.error} asked={asked} refetch={rows.refetch} />
      {rows.pending && <BeingRead retryAfter={rows.pending.retryAfter} />}
      {!body && !rows.error && !rows.pending && <Skeleton rows={12} label="Loading descriptions" />}
      {body && body.rows.length === 0 && (
        <NoRows job={job} table={body} question={question} query={rows.query} />
      )}
      {body && body.rows.length > 0 && (
        <>
          <ResultTable
            name="descriptions"
            caption="Subjects found, a row for each"
            columns={columns}
            rows={body.rows}
            idOf={idOf}
            isStale={rows.isStale}
            picking={{
              picked: question.picks,
              onPick: asked.pick,
              labelOf: (row) => row.subject ?? "this row",
            }}
            sorting={{
              by: question.sort,
              order: question.order,
              onSort: (sort, order) => ask({ sort, order }),
            }}
          />
          <Picks job={job} asked={asked} />
          <Pager table={body} asked={asked} what={["subject", "subjects"]} />
          <Glossary terms={columns.map(({ term }) => term)}>
            {isRounded && <p>{ROUNDED}</p>}
          </Glossary>
        </>
      )}
    </>
  );
}
