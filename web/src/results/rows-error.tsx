import { NOT_IN_REPORT, Problem } from "../api/client";
import { ErrorNote } from "../parts/notes";
import type { Asked } from "./question";

interface Props {
  error: Error | null;
  asked: Asked;
  refetch(): void;
}

/** Why there are no rows; a page of a result that has changed begins again at its first one. */
export function RowsError({ error, asked, refetch }: Props) {
  if (!error) return null;
  const code = error instanceof Problem ? error.code : null;
  if (code === NOT_IN_REPORT) return <ErrorNote error={error} />;
  return <ErrorNote error={error} onRetry={code === "cursor_expired" ? asked.toFirst : refetch} />;
}
