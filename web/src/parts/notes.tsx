import type { ReactNode } from "react";
import { Link } from "react-router";
import { Problem } from "../api/client";

/** What went wrong, and what to do about it. */
export function ErrorNote({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const isGone = error instanceof Problem && error.status === 404;
  return (
    <div className="note bad" role="alert">
      <p>{error.message}</p>
      {isGone && (
        <p>
          It may have been deleted, or belong to somebody else. <Link to="/">Your jobs</Link>
        </p>
      )}
      {onRetry && !isGone && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Note({ kind = "", children }: { kind?: "" | "bad" | "warn"; children: ReactNode }) {
  return <div className={`note ${kind}`}>{children}</div>;
}

/** Rows that hold the place of those to come. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="hidden">{label}</span>
      {Array.from({ length: rows }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change places
        <div key={n} className="skeleton-row" />
      ))}
    </div>
  );
}
