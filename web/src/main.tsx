import "./styles/base.css";
import "./styles/parts.css";
import "./styles/results.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { readConfig } from "./config";
import { Page } from "./page";
import { applyTheme, chosenTheme } from "./parts/theme";
import { entraSignIn } from "./sign-in/lazily";
import { localIdentity } from "./sign-in/local";

applyTheme(chosenTheme());
const root = createRoot(document.getElementById("page") as HTMLElement);
try {
  const config = await readConfig();
  const identity = config.signIn ? await entraSignIn(config.signIn) : localIdentity();
  const isLeaving = config.signIn && !identity;
  if (!isLeaving) {
    root.render(
      <StrictMode>
        <BrowserRouter useTransitions={false}>
          <Page config={config} identity={identity} />
        </BrowserRouter>
      </StrictMode>,
    );
  }
} catch (error) {
  root.render(
    <main className="alone" role="alert">
      <h1>This page could not start</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
    </main>,
  );
}
