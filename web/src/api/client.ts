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

/** A problem as the API tells it (RFC 9457), or the network's silence as the code `unreachable`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly faults: Fault[] = [],
  ) {
    super(detail);
  }

  /** Whether asking again may help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 502 || this.status === 504;
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
    const headers = new Headers(options.headers);
    for (const [name, value] of Object.entries(await this.identity.headers()))
      headers.set(name, value);
    let answer: Response;
    try {
      answer = await fetch(`${this.origin}/api/blast/${path}`, { ...options, method, headers });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Problem(0, "unreachable", "The server cannot be reached.");
    }
    if (answer.ok) return answer;
    if (answer.status === 401) this.onRefused();
    throw await problemOf(answer);
  }
}

function search(parameters: Parameters): string {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body = await answer.json();
    return new Problem(answer.status, body.code, body.detail, body.faults);
  } catch {
    return new Problem(answer.status, "unknown", `The server answered ${answer.status}.`);
  }
}
