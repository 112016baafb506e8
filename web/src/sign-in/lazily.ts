import type { SignInConfig } from "../config";
import type { Identity } from "./identity";

/** The sign-in of Azure, whose library is fetched only where it is used. */
export async function entraSignIn(config: SignInConfig): Promise<Identity | null> {
  const { entraIdentity } = await import("./entra");
  return entraIdentity(config);
}
