import { useMutation } from "@tanstack/react-query";
import { useClient } from "../session";
import { type Client, type Parameters, Problem } from "./client";

interface Wanted {
  path: string;
  /** Of the file, where it goes through the page; a link to storage names it itself. */
  name: string;
  parameters?: Parameters;
}

const LONGEST_WAIT_MS = 10 * 60_000;
const KEPT_MS = 60_000;

/** Save a file of the API: through the page where it is small, else by a link to storage that holds for minutes. */
export function useDownload() {
  const client = useClient();
  return useMutation({
    mutationFn: async ({ path, name, parameters }: Wanted) => {
      const answer = await made(client, path, { ...parameters, link: 1 });
      if (isLink(answer)) follow((await answer.json()).url, name);
      else saveBlob(await answer.blob(), name);
    },
  });
}

/** The text of a file that the API makes; one that is too large for an answer is refused. */
export async function fetchText(
  client: Client,
  path: string,
  parameters: Parameters,
): Promise<string> {
  const answer = await made(client, path, { ...parameters, link: 1 });
  if (isLink(answer))
    throw new Problem(200, "too_large", "This is too much at once; download the whole table.");
  return answer.text();
}

export function saveText(text: string, name: string, type: string): void {
  saveBlob(new Blob([text], { type }), name);
}

/** The answer once it is there: what has to be made first is asked for again. */
async function made(client: Client, path: string, parameters: Parameters): Promise<Response> {
  const until = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const answer = await client.request(path, parameters);
    if (answer.status !== 202) return answer;
    if (Date.now() > until)
      throw new Problem(202, "pending", "The file is still being made; try again later.");
    const seconds = Number(answer.headers.get("Retry-After")) || 2;
    await new Promise((done) => setTimeout(done, seconds * 1000));
  }
}

/** Files come as what they are; a link to one is the only JSON. */
function isLink(answer: Response): boolean {
  return answer.headers.get("Content-Type")?.startsWith("application/json") ?? false;
}

export function saveBlob(body: Blob, name: string): void {
  const url = URL.createObjectURL(body);
  follow(url, name);
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

function follow(url: string, name: string): void {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
}
