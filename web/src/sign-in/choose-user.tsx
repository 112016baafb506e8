import { useId, useState } from "react";
import { useTitle } from "../parts/title";
import type { Identity } from "./identity";
import { chooseLocalIdentity, LOCAL_NAME } from "./local";

/** On one machine nobody signs in: whose jobs are shown is chosen. */
export function ChooseUser({ onChosen }: { onChosen(identity: Identity): void }) {
  useTitle("Who are you?");
  const [name, setName] = useState("demo");
  const id = useId();
  const isValid = LOCAL_NAME.test(name);
  return (
    <main className="alone">
      <h1>Who are you?</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isValid) onChosen(chooseLocalIdentity(name));
        }}
      >
        <p id={id}>
          This runs on one machine, without passwords. Each name has jobs of its own; those of{" "}
          <code>python3 -m local demo</code> are demo’s.
        </p>
        <label className="field">
          Name
          <input
            // biome-ignore lint/a11y/noAutofocus: the one thing to do here
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            aria-describedby={id}
            aria-invalid={!isValid}
            maxLength={64}
            autoComplete="username"
          />
        </label>
        {!isValid && <p className="fault">Letters, digits and . _ - only, 64 at most.</p>}
        <button type="submit" className="primary" disabled={!isValid}>
          Go on
        </button>
      </form>
    </main>
  );
}
