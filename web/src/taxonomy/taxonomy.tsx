import "../styles/pictures.css";
import { useState } from "react";
import type { Job } from "../api/contract";
import { useView } from "../api/hooks";
import { formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import { useEnvelope } from "../job/honesty";
import { BeingRead } from "../job/not-there-yet";
import { Note, Skeleton } from "../parts/notes";
import { chosenPalette } from "../pictures/colours";
import { useSearched } from "../pictures/of";
import { PaletteChoice } from "../pictures/palette-choice";
import { Filters } from "../results/filters";
import { Pager } from "../results/pager";
import { useKnownQuery } from "../results/query-list";
import { QueryPicker } from "../results/query-picker";
import { parametersOf, useQuestion, writeQuestion } from "../results/question";
import { RowsError } from "../results/rows-error";
import { SortChoice, type Sorts } from "../results/sort-choice";
import { useSession } from "../session";
import type { Taxonomy } from "./contract";
import { hasPairs, Organisms } from "./organisms";
import { Tree } from "./tree";

const SORTS: Sorts = {
  "": { words: "best hit", order: null },
  distance: { words: "lineage shared with the best hit", order: "asc" },
  subjects: { words: "number of subjects", order: "desc" },
  name: { words: "name", order: "asc" },
};

/** Which organisms the subjects come from: a table, which may be ordered by lineage, and a tree. */
export default function TaxonomyTab({ job }: { job: Job }) {
  const asked = useQuestion();
  const { question } = asked;
  const { figures } = useEnvelope(job);
  const [palette, setPalette] = useState(chosenPalette);
  const searched = useSearched(job);
  const named = useKnownQuery(job, question.query);
  const view = useView<Taxonomy>(job, "results/taxonomy", parametersOf(question, question.query));
  const answer = view.data;
  const found = answer?.kind === "here" ? answer.body : null;
  const queryName = found && question.query ? question.query : "All queries";
  /** The descriptions of a taxon, under the same query and filters. */
  const descriptionsOf = (taxid: number) =>
    `/jobs/${job.job_id}/descriptions${writeQuestion({
      ...question,
      isAll: !question.query,
      filters: { ...question.filters, taxid: String(taxid) },
      sort: null,
      order: null,
      cursor: null,
      picks: [],
    })}`;
  return (
    <>
      <QueryPicker job={job} current={question.query} name={queryName} asked={asked} />
      <div className="toolbar">
        <Filters asked={asked} />
        <SortChoice asked={asked} sorts={SORTS} />
        {found?.tree && <PaletteChoice palette={palette} onChoose={setPalette} />}
      </div>
      <RowsError error={view.error} asked={asked} refetch={() => void view.refetch()} />
      {answer?.kind === "pending" && <BeingRead retryAfter={answer.retryAfter} />}
      {!answer && !view.error && <Skeleton rows={12} label="Loading organisms" />}
      {found && (
        <div className={view.isPlaceholderData ? "stale" : ""} aria-busy={view.isPlaceholderData}>
          <Hints found={found} />
          <Summary found={found} />
          {found.rows.length > 0 && (
            <>
              <Organisms
                found={found}
                isRounded={figures?.totals.scores_rounded ?? false}
                addressOf={descriptionsOf}
              />
              <Pager table={found} asked={asked} what={["organism", "organisms"]} />
            </>
          )}
          {found.tree && (
            <Tree
              tree={found.tree}
              palette={palette}
              of={{
                job: job.title ?? job.job_id,
                lines: [
                  question.query ? `Query: ${named?.query ?? question.query}` : "All queries",
                  searched,
                ],
              }}
              addressOf={descriptionsOf}
            />
          )}
        </div>
      )}
    </>
  );
}

/** What is not known of the organisms, and how to get it. */
function Hints({ found }: { found: Taxonomy }) {
  const { unassigned, unresolved } = found;
  const { isReport } = useSession();
  return (
    <>
      {unassigned.subjects > 0 && (
        <Note kind="warn">
          <p>
            <strong>{counted(unassigned.subjects, "subject")} without a taxid.</strong> To get
            taxids, search a database that has them and ask for them:{" "}
            <code>-outfmt '7 std staxids'</code>, or format 15 or 16.
          </p>
        </Note>
      )}
      {unresolved.subjects > 0 && (
        <Note kind="warn">
          <p>
            <strong>Unresolved taxid: {counted(unresolved.subjects, "subject")}.</strong> The
            taxonomy table does not have these taxids; make it anew of a newer taxdump:{" "}
            <code>python -m blast_artifacts taxonomy TAXDUMP</code>.
          </p>
        </Note>
      )}
      {found.organism_source !== null && found.lineage_source === null && (
        <Note>
          <p>
            Lineages and the tree need a taxonomy table, which this{" "}
            {isReport ? "report has not been given here" : "service has not been given"} (
            {isReport ? "option " : "setting "}
            <code>{isReport ? "--taxonomy" : "TAXONOMY_FILE"}</code>).
          </p>
        </Note>
      )}
    </>
  );
}

function Summary({ found }: { found: Taxonomy }) {
  const { subjects_with_several_taxids: several, common_ancestor: ancestor, unassigned } = found;
  return (
    <p className="facts">
      <span>
        {counted(found.subjects, "subject")}
        {found.filtered > 0 &&
          `${unassigned.subjects > 0 ? `, ${formatCount(found.subjects - unassigned.subjects)} of them` : ""} of ${counted(found.filtered, "organism")}`}
      </span>
      {several > 0 && (
        <span>{counted(several, "subject")} of several organisms, counted for each</span>
      )}
      {found.rows.length > 0 && hasPairs(found) && (
        <span>a click opens a row for each query that found a subject</span>
      )}
      {ancestor && (
        <span title="The lowest taxon above all organisms within 1 % of the best score">
          common ancestor of the best hits: <strong>{ancestor.name ?? ancestor.taxid}</strong>
          {ancestor.rank && ` (${ancestor.rank})`}
        </span>
      )}
    </p>
  );
}
