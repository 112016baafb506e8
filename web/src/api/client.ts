import type { Identity } from "../sign-in/identity";
import type { ArtifactState, JobStatus } from "./contract";

/** An answer with its body, or the word that it is not there yet. */
export type Answer<Body> =
  | { kind: "here"; body: Body; source: string | null }
  | { kind: "pending"; status: JobStatus; state: ArtifactState; retryAfter: number };

export interface Fault {
  field: string;
  message: string;
}

/** The code of what a report lacks and the service has. */
export const NOT_IN_REPORT = "not_in_report";

/** A problem as the API tells it (RFC 9457), or the network's silence as the code `unreachable`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly faults: Fault[] = [],
    /** Seconds after which the server wants to be asked again; 0 where it does not say. */
    readonly retryAfter = 0,
  ) {
    super(detail);
  }

  /** Whether asking again may help. */
  get isPassing(): boolean {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

export type Parameters = Record<string, string | number | undefined>;

/** The API as one signed-in caller sees it; paths are below `/api/blast`. */
export class Client {
  private readonly ahead = new Map<string, Promise<Response>>();

  constructor(
    private readonly origin: string,
    readonly identity: Identity,
    private readonly onRefused: () => void,
  ) {}

  async read<Body>(
    path: string,
    parameters: Parameters,
    signal: AbortSignal,
  ): Promise<Answer<Body>> {
    const answer = await this.request(path, parameters, signal);
    if (answer.status === 202) {
      const said = await answer.json();
      const retryAfter = Number(answer.headers.get("Retry-After")) || 2;
      return { kind: "pending", status: said.status, state: said.state, retryAfter };
    }
    return {
      kind: "here",
      body: await answer.json(),
      source: answer.headers.get("X-Artifact-Source"),
    };
  }

  /** The body of what cannot be pending. */
  async get<Body>(path: string, parameters: Parameters, signal: AbortSignal): Promise<Body> {
    return (await this.request(path, parameters, signal)).json();
  }

  /** Ask now for what is going to be asked for; the answer goes to whoever asks first. */
  askAhead(path: string): void {
    const answer = this.send("GET", path);
    answer.catch(() => {});
    this.ahead.set(path, answer);
  }

  request(path: string, parameters: Parameters, signal?: AbortSignal): Promise<Response> {
    const whole = path + search(parameters);
    const answer = this.ahead.get(whole) ?? this.send("GET", whole, signal ? { signal } : {});
    this.ahead.delete(whole);
    return answer;
  }

  async act<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: HeadersInit,
  ): Promise<Body> {
    const options: RequestInit = { headers: new Headers(headers) };
    if (body !== undefined) {
      options.body = JSON.stringify(body);
      (options.headers as Headers).set("Content-Type", "application/json");
    }
    return (await this.send(method, path, options)).json();
  }

  /** The answer as it came; raises Problem for every error. */
  async send(method: string, path: string, options: RequestInit = {}): Promise<Response> {
    let answer = await this.sendOnce(method, path, options);
    if (answer.status === 401 && (await this.identity.renew()))
      answer = await this.sendOnce(method, path, options);
    if (answer.ok) return answer;
    if (answer.status === 401) this.onRefused();
    throw await problemOf(answer);
  }

  private async sendOnce(method: string, path: string, options: RequestInit): Promise<Response> {
    const headers = new Headers(options.headers);
    for (const [name, value] of Object.entries(await this.identity.headers()))
      headers.set(name, value);
    try {
      return await fetch(`${this.origin}/api/blast/${path}`, { ...options, method, headers });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Problem(0, "unreachable", "The server cannot be reached.");
    }
  }
}

function search(parameters: Parameters): string {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

/** What stands before the app may answer without a body. */
const WORDS: Record<number, string> = {
  401: "The server does not know who you are, or no longer. Sign out and in again.",
  403: "You are not let in here.",
  429: "The server is asked too often just now.",
  502: "The server cannot answer just now.",
  503: "The server cannot answer just now.",
  504: "The server takes too long just now.",
};

async function problemOf(answer: Response): Promise<Problem> {
  const { status } = answer;
  const wait = Number(answer.headers.get("Retry-After")) || 0;
  const body = await answer.json().catch(() => null);
  const detail = body?.detail ?? WORDS[status] ?? `The server answered ${status}.`;
  return new Problem(status, body?.code ?? "unknown", detail, body?.faults, wait);
}
