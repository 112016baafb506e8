import { lazy, Suspense } from "react";
import { NavLink, useLocation, useParams } from "react-router";
import type { Job } from "../api/contract";
import { useJob } from "../api/hooks";
import { isFinal } from "../api/pace";
import { TERMINAL } from "../blast/words";
import { Boundary } from "../parts/boundary";
import { ErrorNote, Skeleton } from "../parts/notes";
import { useTitle } from "../parts/title";
import { DescriptionsTab } from "../results/descriptions";
import { readQuestion } from "../results/question";
import { Honesty, useEnvelope } from "./honesty";
import { JobHeader } from "./job-header";
import { NotThereYet } from "./not-there-yet";

const AlignmentsTab = lazy(() => import("../results/alignments"));
const GraphicsTab = lazy(() => import("../pictures/graphics"));
const TaxonomyTab = lazy(() => import("../taxonomy/taxonomy"));
const QueriesTab = lazy(() => import("../results/queries"));
const FilesTab = lazy(() => import("../results/files"));
const RunTab = lazy(() => import("../results/run"));

const TABS = {
  descriptions: "Descriptions",
  graphics: "Graphics",
  alignments: "Alignments",
  taxonomy: "Taxonomy",
  queries: "Queries",
  files: "Files",
  run: "Run",
};

/** Tabs that show one query: it is kept from one to the other. */
const OF_QUERY: ReadonlySet<string> = new Set([
  "descriptions",
  "graphics",
  "alignments",
  "taxonomy",
]);

type Tab = keyof typeof TABS;

const isTab = (text: string): text is Tab => Object.hasOwn(TABS, text);

export function JobPage() {
  const { jobId = "", tab } = useParams();
  const job = useJob(jobId);
  useTitle(job.data?.title ?? job.data?.job_id ?? "Job");
  if (job.error && (!job.data || isFinal(job.error)))
    return <ErrorNote error={job.error} onRetry={() => void job.refetch()} />;
  if (!job.data) return <Skeleton rows={12} label="Loading the job" />;
  return (
    <>
      <JobHeader job={job.data} isStale={job.error !== null} />
      <JobTabs job={job.data} tab={tab} />
    </>
  );
}

interface TabsProps {
  job: Job;
  tab: string | undefined;
  /** Tabs that are not there. */
  without?: string[];
}

/** The parts of a job, one of them open. */
export function JobTabs({ job, tab, without = [] }: TabsProps) {
  const opens: Tab = job.status === "completed" ? "descriptions" : "run";
  const shown = tab ?? opens;
  const { search } = useLocation();
  const query = readQuestion(new URLSearchParams(search)).query;
  const kept = query ? `?${new URLSearchParams({ query })}` : "";
  return (
    <>
      <nav className="tabs" aria-label="Parts of the job">
        {Object.entries(TABS)
          .filter(([name]) => !without.includes(name))
          .map(([name, label]) => (
            <NavLink
              key={name}
              to={{
                pathname: `/jobs/${job.job_id}/${name}`,
                search: OF_QUERY.has(name) ? kept : "",
              }}
              className={shown === name ? "active" : ""}
              aria-current={shown === name ? "page" : undefined}
            >
              {label}
            </NavLink>
          ))}
      </nav>
      <Boundary at={shown}>
        <Suspense fallback={<Skeleton rows={10} label="Loading" />}>
          {isTab(shown) ? (
            <TabBody job={job} tab={shown} />
          ) : (
            <p>There is no such part of a job.</p>
          )}
        </Suspense>
      </Boundary>
    </>
  );
}

function TabBody({ job, tab }: { job: Job; tab: Tab }) {
  const envelope = useEnvelope(job);
  if (tab === "run") return <RunTab job={job} />;
  if (!TERMINAL.has(job.status)) return <NotThereYet job={job} />;
  // Everything is asked for at once, and shown when it is known what it lacks: nothing moves later.
  return (
    <>
      {envelope.isWaiting && <Skeleton rows={12} label="Loading results" />}
      <div hidden={envelope.isWaiting}>
        <Honesty job={job} envelope={envelope} />
        {tab === "descriptions" && <DescriptionsTab job={job} />}
        {tab === "graphics" && <GraphicsTab job={job} />}
        {tab === "alignments" && <AlignmentsTab job={job} />}
        {tab === "taxonomy" && <TaxonomyTab job={job} />}
        {tab === "queries" && <QueriesTab job={job} />}
        {tab === "files" && <FilesTab job={job} />}
      </div>
    </>
  );
}
