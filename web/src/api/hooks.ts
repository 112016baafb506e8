import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { TERMINAL } from "../blast/words";
import { useClient } from "../session";
import type { Parameters } from "./client";
import type { Job, JobList, JobStatus, LogChunk, LogIndex } from "./contract";
import { isFinal, paceOf, waitOf } from "./pace";

const LIST_MS = 4000;

/** The caller's jobs, newest first, page by page; asked for again while one of them is under way. */
export function useJobs(statuses: string) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: ["jobs", statuses],
    queryFn: ({ pageParam, signal }) =>
      client.get<JobList>("jobs", { cursor: pageParam, status: statuses }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => {
      if (isFinal(state.error)) return false;
      const jobs = state.data?.pages.flatMap((page) => page.jobs) ?? [];
      return jobs.some((job) => !TERMINAL.has(job.status)) && LIST_MS;
    },
  });
}

/** A job, asked for again until it has ended and its artifacts are settled. */
export function useJob(jobId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["job", jobId],
    queryFn: ({ signal }) => client.get<Job>(`jobs/${jobId}`, {}, signal),
    refetchInterval: ({ state }) => {
      if (!state.data || isFinal(state.error)) return false;
      const isMoving = !TERMINAL.has(state.data.status) || !isSettled(state.data);
      return isMoving && paceOf(state.data, state.error);
    },
  });
}

export function isSettled(job: Job): boolean {
  return Object.values(job.artifacts).every(({ state }) => state === "ready" || state === "failed");
}

/** What names the results of a job as they stand: another run or another build has another edition. */
export function editionOf(job: Job): string {
  return `${job.job_id} ${job.run} ${job.artifacts.result_manifest?.updated_at ?? ""}`;
}

/** A view of the job's results, asked for again while it is pending. */
export function useView<Body>(
  job: Job,
  path: string,
  parameters: Parameters = {},
  isWanted = true,
) {
  const client = useClient();
  return useQuery({
    queryKey: ["view", editionOf(job), path, parameters],
    queryFn: ({ signal }) => client.read<Body>(`jobs/${job.job_id}/${path}`, parameters, signal),
    enabled: isWanted && TERMINAL.has(job.status),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => waitOf(state.data, state.error),
  });
}

/** The time line, live while the job runs. */
export function useTimeLine<Body>(job: Job) {
  const client = useClient();
  const isRunning = !TERMINAL.has(job.status);
  return useQuery({
    queryKey: ["steps", job.job_id, job.run, job.status, job.artifacts.execution_steps?.state],
    queryFn: ({ signal }) => client.read<Body>(`jobs/${job.job_id}/execution-steps`, {}, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      if (!isRunning) return waitOf(state.data, state.error);
      return !isFinal(state.error) && paceOf(job, state.error);
    },
  });
}

const logPath = (job: Job, step: string) => `jobs/${job.job_id}/execution-steps/logs/${step}`;

/** Which chunks of a step's log there are; asked for again until they are whole. */
export function useLogIndex(job: Job, step: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["log", job.job_id, job.run, step, "index"],
    queryFn: ({ signal }) => client.get<LogIndex>(logPath(job, step), {}, signal),
    refetchInterval: ({ state }) => {
      const isMoving = !state.data?.whole && !TERMINAL.has(job.status);
      return isMoving && !isFinal(state.error) && paceOf(job, state.error);
    },
  });
}

/** One chunk of a log, which never changes. */
export function useLogChunk(job: Job, step: string, sequence: number) {
  const client = useClient();
  return useQuery({
    queryKey: ["log", job.job_id, job.run, step, sequence],
    queryFn: ({ signal }) => client.get<LogChunk>(`${logPath(job, step)}/${sequence}`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type Command = "cancel" | "retry" | "rebuild";

/** Cancel, retry or rebuild a job; the job as it then stands is taken over. */
export function useCommand(jobId: string) {
  const client = useClient();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (command: Command) => client.act<Job>("POST", `jobs/${jobId}/${command}`),
    onSuccess: (job) => cache.setQueryData(["job", jobId], job),
    onSettled: () => void cache.invalidateQueries({ queryKey: ["job", jobId] }),
  });
}

export function useDelete(jobId: string) {
  const client = useClient();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => client.act<{ status: JobStatus }>("DELETE", `jobs/${jobId}`),
    onSuccess: () => {
      cache.removeQueries({ queryKey: ["job", jobId] });
      return cache.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
}
