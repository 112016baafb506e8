import { Problem } from "../api/client";
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
  const hasExpired = error instanceof Problem && error.code === "cursor_expired";
  return <ErrorNote error={error} onRetry={hasExpired ? asked.toFirst : refetch} />;
}
