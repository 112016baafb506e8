import type { Asked, Order } from "./question";

/** What rows can be sorted by, and which way first; "" is the order that they come in. */
export type Sorts = Record<string, { words: string; order: Order | null }>;

export function SortChoice({ asked, sorts }: { asked: Asked; sorts: Sorts }) {
  return (
    <label>
      Sort by{" "}
      <select
        value={asked.question.sort ?? ""}
        onChange={({ target: { value } }) =>
          asked.ask({ sort: value || null, order: sorts[value]?.order ?? null })
        }
      >
        {Object.entries(sorts).map(([value, { words }]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
