import { type FormEvent, useId } from "react";
import type { Asked, Filter, FilterTexts } from "./question";

interface FilterField {
  name: Filter;
  label: string;
  unit?: string;
  isText?: boolean;
}

const FIELDS: FilterField[] = [
  { name: "organism", label: "Organism contains", isText: true },
  { name: "taxid", label: "Taxid" },
  { name: "subject", label: "Subject id", isText: true },
  { name: "min_identity", label: "Identity from", unit: "%" },
  { name: "max_identity", label: "Identity to", unit: "%" },
  { name: "min_query_cover", label: "Query cover from", unit: "%" },
  { name: "max_query_cover", label: "Query cover to", unit: "%" },
  { name: "min_evalue", label: "E value from" },
  { name: "max_evalue", label: "E value to" },
  { name: "min_bitscore", label: "Bit score from" },
];

/** Of one HSP: it is clicked at, not typed. */
const PLACES: FilterField = { name: "places", label: "Places" };

/** Filters that the server applies to the whole result; those that hold are shown as they are closed. */
export function Filters({ asked }: { asked: Asked }) {
  const { filters } = asked.question;
  const id = useId();
  const active = [...FIELDS, PLACES].filter(({ name }) => filters[name]);
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const chosen: FilterTexts = filters.places ? { places: filters.places } : {};
    for (const { name } of FIELDS) {
      const value = String(given.get(name) ?? "").trim();
      if (value) chosen[name] = value;
    }
    asked.ask({ filters: chosen });
  };
  const without = (gone: Filter) => {
    const { [gone]: _, ...kept } = filters;
    asked.ask({ filters: kept });
  };
  return (
    <div className="filters">
      <details>
        <summary>Filters</summary>
        <form key={JSON.stringify(filters)} onSubmit={apply}>
          {FIELDS.map(({ name, label, unit, isText }) => (
            <div key={name} className="filter">
              <label htmlFor={`${id}-${name}`}>
                {label}
                {unit && ` (${unit})`}
              </label>
              <input
                id={`${id}-${name}`}
                name={name}
                defaultValue={filters[name] ?? ""}
                inputMode={isText ? "text" : "decimal"}
                size={isText ? 18 : 7}
              />
            </div>
          ))}
          <div className="buttons">
            <button type="submit" className="primary">
              Apply
            </button>
            <button
              type="button"
              disabled={active.length === 0}
              onClick={() => asked.ask({ filters: {} })}
            >
              Clear
            </button>
          </div>
        </form>
      </details>
      {active.map(({ name, label, unit }) => (
        <button key={name} type="button" className="chip" onClick={() => without(name)}>
          {label} {filters[name]}
          {unit} <span aria-hidden="true">×</span>
          <span className="hidden">remove this filter</span>
        </button>
      ))}
    </div>
  );
}
