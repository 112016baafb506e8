import type { Job } from "../api/contract";
import { counted, QUERY_STATUS } from "../blast/words";
import { useFirstQueries } from "./query-list";
import type { Question } from "./question";

interface Props {
  job: Job;
  current: string | null;
  question: Question;
  onAsk(change: Partial<Question>): void;
}

export function QueryPicker({ job, current, question, onAsk }: Props) {
  const queries = useFirstQueries(job);
  return (
    <label className="picker">
      Results for{" "}
      <select
        value={question.isAll ? "" : (current ?? "")}
        onChange={(event) =>
          onAsk(
            event.target.value
              ? { query: event.target.value, isAll: false }
              : { query: null, isAll: true },
          )
        }
      >
        <option value="">all queries</option>
        {queries?.rows.map((row) => (
          <option key={row.query_key} value={row.query_key}>
            {row.query} (
            {row.status === "hits"
              ? counted(row.subjects ?? 0, "subject")
              : QUERY_STATUS[row.status]}
            )
          </option>
        ))}
      </select>
    </label>
  );
}
