import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, Outlet, Route, Routes, useLocation } from "react-router";
import { Client, Problem } from "./api/client";
import { delayOf } from "./api/pace";
import type { Config } from "./config";
import { JobPage } from "./job/job-page";
import { Boundary } from "./parts/boundary";
import { Definitions } from "./parts/definitions";
import { Skeleton } from "./parts/notes";
import { applyTheme, chosenTheme, THEMES, type Theme } from "./parts/theme";
import { useTitle } from "./parts/title";
import { readQuestion } from "./results/question";
import { SessionContext, useSession } from "./session";
import { ChooseUser } from "./sign-in/choose-user";
import type { Identity } from "./sign-in/identity";

const JobList = lazy(() => import("./jobs/job-list"));
const SubmitForm = lazy(() => import("./jobs/submit-form"));

const TRIES = 3;

export function Page({ config, identity: first }: { config: Config; identity: Identity | null }) {
  const [identity, setIdentity] = useState(first);
  const cache = useMemo(newCache, []);
  const session = useMemo(() => {
    if (!identity) return null;
    const leave = () => {
      identity.leave();
      cache.clear();
      if (!config.signIn) setIdentity(null);
    };
    // Who is refused in Azure was signed in all the same: leaving would only send them round in a circle.
    const onRefused = config.signIn ? () => {} : leave;
    const client = new Client(config.api, identity, onRefused);
    for (const path of opensWith(location)) client.askAhead(path);
    return { client, config, leave };
  }, [identity, cache, config]);
  if (!session) return <ChooseUser onChosen={setIdentity} />;
  return (
    <SessionContext value={session}>
      <QueryClientProvider client={cache}>
        <Routes>
          <Route element={<Frame />}>
            <Route index element={<JobList />} />
            <Route path="new" element={<SubmitForm />} />
            <Route path="jobs/:jobId/:tab?" element={<JobPage />} />
            <Route path="*" element={<NoSuchPage />} />
          </Route>
        </Routes>
      </QueryClientProvider>
    </SessionContext>
  );
}

/** What a job's page asks for first, before it knows the job: one wait instead of two. */
function opensWith({ pathname, search }: Location): string[] {
  const jobId = /^\/jobs\/([^/]+)(?:\/descriptions)?\/?$/.exec(pathname)?.[1];
  if (!jobId) return [];
  const views = ["aggregate", "queries", ...(asksFirst(search) ? ["descriptions"] : [])];
  return [`jobs/${jobId}`, ...views.map((view) => `jobs/${jobId}/results/${view}`)];
}

/** Whether it is the first query with hits that an address asks for: the table's own first page tells it. */
function asksFirst(search: string): boolean {
  const { query, isAll } = readQuestion(new URLSearchParams(search));
  return !query && !isAll;
}

/** What is fetched once; asked for again where an error may pass. */
function newCache(): QueryClient {
  const passes = (tries: number, error: Error) =>
    tries < TRIES && error instanceof Problem && error.isPassing;
  return new QueryClient({
    defaultOptions: {
      queries: { retry: passes, retryDelay: delayOf, staleTime: 30_000 },
      mutations: { networkMode: "always" },
    },
  });
}

function Frame() {
  const { client, leave, config } = useSession();
  const { pathname } = useLocation();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const choose = (chosen: Theme) => {
    applyTheme(chosen);
    setTheme(chosen);
  };
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="frame">
        <Link to="/" className="brand">
          BLAST results
        </Link>
        <nav aria-label="Site">
          <Link to="/">Jobs</Link>
          <Link to="/new">New search</Link>
        </nav>
        <label className="theme">
          <span className="hidden">Colours</span>
          <select value={theme} onChange={(event) => choose(event.target.value as Theme)}>
            {THEMES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <span className="user">
          <span title="Signed in as">{client.identity.name}</span>
          <button type="button" className="quiet" onClick={leave}>
            {config.signIn ? "Sign out" : "Change"}
          </button>
        </span>
      </header>
      <main id="main" tabIndex={-1}>
        <Boundary at={pathname}>
          <Suspense fallback={<Skeleton rows={8} label="Loading" />}>
            <Outlet />
          </Suspense>
        </Boundary>
      </main>
      <Definitions />
    </>
  );
}

function NoSuchPage() {
  useTitle("No such page");
  return (
    <div className="alone">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">All jobs</Link>
      </p>
    </div>
  );
}
