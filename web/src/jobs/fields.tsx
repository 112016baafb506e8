import { type ReactNode, useId } from "react";
import type { Option } from "./options";

interface Attributes {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

interface FieldProps {
  label: string;
  help: string;
  fault?: string | undefined;
  children(attributes: Attributes): ReactNode;
}

/** A labelled control with its help below it, and its fault where it has one. */
export function Field({ label, help, fault, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-help`, "aria-invalid": fault !== undefined })}
      <p id={`${id}-help`} className="help">
        {fault && <span className="fault">{fault} </span>}
        {help}
      </p>
    </div>
  );
}

interface OptionProps {
  option: Option;
  value: string;
  fault: string | undefined;
  onChange(value: string): void;
}

export function OptionField({ option, value, fault, onChange }: OptionProps) {
  const isChoice = option.kind === "choice" || option.kind === "switch";
  const choices = option.choices ?? ["true"];
  return (
    <Field label={option.label} help={option.help} fault={fault}>
      {(attributes) =>
        isChoice ? (
          <select {...attributes} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">BLAST’s default</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {WORDS[choice] ?? choice}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...attributes}
            value={value}
            inputMode={option.kind === "list" ? "text" : "decimal"}
            placeholder={option.placeholder ?? "default"}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

const WORDS: Record<string, string> = { true: "yes", false: "no" };
