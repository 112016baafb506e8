export interface SignInConfig {
  /** Application (client) id of the page. */
  clientId: string;
  /** `https://login.microsoftonline.com/{tenant}`. */
  authority: string;
  /** The API's scope; `{id}/user_impersonation` where page and API are one application. */
  scope: string;
}

export interface Database {
  name: string;
  kind: "protein" | "nucleotide";
  title: string;
}

/** The file config.json beside the page. */
export interface Config {
  /** Origin of the function app; empty where the page has the same. */
  api: string;
  /** Null where the API takes a local user's name. */
  signIn: SignInConfig | null;
  databases: Database[];
}

export async function readConfig(): Promise<Config> {
  const answer = await fetch("/config.json");
  if (!answer.ok) throw new Error(`config.json could not be read (HTTP ${answer.status})`);
  return answer.json();
}
