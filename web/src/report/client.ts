import { Client, NOT_IN_REPORT, Problem } from "../api/client";
import { answer } from "./answer";
import type { Contents } from "./contents";

/** The API as a report knows it: everything is in the document. */
export class ReportClient extends Client {
  constructor(private readonly contents: Contents) {
    super(
      "",
      { name: "", headers: async () => ({}), renew: async () => false, leave: () => {} },
      () => {},
    );
  }

  override async send(method: string, path: string): Promise<Response> {
    const [, rest] = path.split(`jobs/${this.contents.job.job_id}`);
    const { pathname, searchParams } = new URL(rest ?? "", "report://job/");
    const body = method === "GET" ? answer(this.contents, pathname, searchParams) : null;
    if (body === null) throw new Problem(400, NOT_IN_REPORT, WORDS);
    return new Response(JSON.stringify(body), { headers: { "X-Artifact-Source": "report" } });
  }
}

const WORDS = "That is not in this report; the service or the result folder has it.";
