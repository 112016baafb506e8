import { keep, kept } from "../parts/kept";
import type { Identity } from "./identity";

const KEY = "local-user";

export const LOCAL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The user that was chosen on this machine before, or null. */
export function localIdentity(): Identity | null {
  const name = kept(KEY);
  return name && LOCAL_NAME.test(name) ? identityOf(name) : null;
}

export function chooseLocalIdentity(name: string): Identity {
  keep(KEY, name);
  return identityOf(name);
}

function identityOf(name: string): Identity {
  return {
    name,
    headers: async () => ({ "X-Local-User": name }),
    renew: async () => false,
    leave: () => keep(KEY, null),
  };
}
