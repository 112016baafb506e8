import { createContext, useContext } from "react";
import type { Client } from "./api/client";
import type { Config } from "./config";

/** What a signed-in page works with. */
export interface Session {
  client: Client;
  config: Config;
  leave(): void;
  /** Whether this is a report: all that it can give is in it. */
  isReport?: boolean;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session");
  return session;
}

export const useClient = (): Client => useSession().client;
