import { useState } from "react";

const SAID_MS = 2500;

/** A button that puts a text on the clipboard, and says that it did. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("The browser did not allow it");
    }
    setTimeout(() => setSaid(""), SAID_MS);
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {label}
      </button>{" "}
      <span role="status" className="help">
        {said}
      </span>
    </>
  );
}
