import "../styles/base.css";
import "../styles/parts.css";
import "../styles/results.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { HashRouter, Navigate, Route, Routes, useParams } from "react-router";
import { JobTabs } from "../job/job-page";
import { Totals } from "../job/totals";
import { Definitions } from "../parts/definitions";
import { Note } from "../parts/notes";
import { Moment } from "../parts/time";
import { useTitle } from "../parts/title";
import { SessionContext } from "../session";
import { ReportClient } from "./client";
import { type Contents, readContents } from "./contents";

// A report is opened without a network, which is no reason to wait for one.
const cache = new QueryClient({
  defaultOptions: { queries: { networkMode: "always", retry: false } },
});

const root = createRoot(document.getElementById("page") as HTMLElement);
try {
  const contents = await readContents(document.getElementById("report")?.textContent ?? "");
  root.render(<Page contents={contents} />);
} catch (error) {
  root.render(
    <main className="alone" role="alert">
      <h1>This report cannot be shown</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
    </main>,
  );
}

function Page({ contents }: { contents: Contents }) {
  const session = {
    client: new ReportClient(contents),
    config: { api: "", signIn: null, databases: [] },
    leave: () => {},
    isReport: true,
  };
  return (
    <StrictMode>
      <HashRouter useTransitions={false}>
        <SessionContext value={session}>
          <QueryClientProvider client={cache}>
            <Routes>
              <Route path="jobs/:jobId/:tab?" element={<Report contents={contents} />} />
              <Route
                path="*"
                element={<Navigate replace to={`/jobs/${contents.job.job_id}/descriptions`} />}
              />
            </Routes>
          </QueryClientProvider>
        </SessionContext>
      </HashRouter>
    </StrictMode>
  );
}

function Report({
  contents: { job, read_at, left_out, manifest, aggregate },
}: {
  contents: Contents;
}) {
  const { tab } = useParams();
  useTitle(job.title ?? "Report");
  return (
    <>
      <main id="main">
        <header className="job">
          <h1>{job.title}</h1>
          <p className="facts">
            <span>
              <strong>{job.program || "program not known"}</strong>
              {job.database && ` in ${job.database}`}
            </span>
            <span>
              results read <Moment at={read_at} />
            </span>
            <Totals totals={aggregate.totals} />
          </p>
          {manifest.searches.map(({ methods }) => (
            <p key={methods} className="help">
              {methods}
            </p>
          ))}
        </header>
        {left_out.length > 0 && (
          <Note kind="warn">
            <p>
              <strong>A report is small enough to mail.</strong> The result has more than is here:
            </p>
            <ul>
              {left_out.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </Note>
        )}
        <JobTabs job={job} tab={tab} without={["files", "run"]} />
      </main>
      <Definitions />
    </>
  );
}
