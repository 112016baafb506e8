import {
  CacheLookupPolicy,
  createStandardPublicClientApplication,
  InteractionRequiredAuthError,
} from "@azure/msal-browser";
import type { SignInConfig } from "../config";
import type { Identity } from "./identity";

/** Sign in by redirect and come back to the same address; null while the browser is leaving for it. */
export async function entraIdentity(config: SignInConfig): Promise<Identity | null> {
  const application = await createStandardPublicClientApplication({
    auth: {
      clientId: config.clientId,
      authority: config.authority,
      redirectUri: `${location.origin}/`,
    },
    cache: { cacheLocation: "sessionStorage" },
  });
  const scopes = [config.scope];
  const signIn = (): Promise<void> =>
    application.loginRedirect({ scopes, state: location.pathname + location.search });

  const returned = await application.handleRedirectPromise();
  if (returned?.state?.startsWith("/")) history.replaceState(null, "", returned.state);
  const account = returned?.account ?? application.getAllAccounts()[0];
  if (!account) {
    await signIn();
    return null;
  }
  const tokenBy = (cacheLookupPolicy: CacheLookupPolicy) =>
    application.acquireTokenSilent({ account, scopes, cacheLookupPolicy });
  return {
    name: account.name || account.username,
    async headers() {
      try {
        const token = await tokenBy(CacheLookupPolicy.AccessTokenAndRefreshToken);
        return { Authorization: `Bearer ${token.accessToken}` };
      } catch (error) {
        if (error instanceof InteractionRequiredAuthError) await signIn();
        throw error;
      }
    },
    // A token that is refused though it seems to hold: this machine's clock may be behind. No redirect
    // here, which would come back to the same refusal and go round in a circle.
    renew: () =>
      tokenBy(CacheLookupPolicy.RefreshToken).then(
        () => true,
        () => false,
      ),
    leave: () => void application.logoutRedirect({ account }),
  };
}
