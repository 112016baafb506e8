import { type DragEvent, useId, useRef, useState } from "react";
import { formatBytes } from "../blast/numbers";
import { counted } from "../blast/words";
import type { FastaSummary } from "./fasta";

/** A query that was typed, or one whose text came from a file and is too long to show. */
export interface QueryText {
  text: string;
  file: string | null;
}

interface Props {
  value: QueryText;
  summary: FastaSummary;
  fault: string | undefined;
  onChange(value: QueryText): void;
}

const SHOWN_LETTERS = 100_000;

export function QueryInput({ value, summary, fault, onChange }: Props) {
  const id = useId();
  const picker = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const text = await file.text();
    onChange({ text, file: text.length > SHOWN_LETTERS ? file.name : null });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setIsOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut of the button below
    <div
      className={`field query ${isOver ? "over" : ""}`}
      onDrop={drop}
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
    >
      <label htmlFor={id}>Query</label>
      {value.file ? (
        <div id={id} className="file">
          {value.file} <small>{formatBytes(value.text.length)}</small>{" "}
          <button type="button" onClick={() => onChange({ text: "", file: null })}>
            Remove
          </button>
        </div>
      ) : (
        <textarea
          id={id}
          rows={8}
          required
          spellCheck={false}
          placeholder={">my sequence\nACGT…"}
          value={value.text}
          aria-invalid={fault !== undefined}
          aria-describedby={`${id}-help`}
          onChange={(event) => onChange({ text: event.target.value, file: null })}
        />
      )}
      <p id={`${id}-help`} className="help">
        {fault && <span className="fault">{fault} </span>}
        {summary.sequences > 0
          ? `${counted(summary.sequences, "sequence")}, ${counted(summary.letters, "letter")}${summary.kind ? `, ${summary.kind}` : ""}. `
          : "FASTA: paste it, drop a file here, or "}
        <button type="button" className="link" onClick={() => picker.current?.click()}>
          choose a file
        </button>
      </p>
      <input
        ref={picker}
        type="file"
        hidden
        aria-label="FASTA file"
        accept=".fa,.fasta,.fna,.faa,.fsa,.txt"
        onChange={(event) => void take(event.target.files?.[0])}
      />
    </div>
  );
}
