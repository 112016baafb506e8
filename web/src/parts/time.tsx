import { useEffect, useState } from "react";
import { formatSeconds } from "../blast/numbers";

const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});

/** A moment in the reader's own time zone; the exact one on hover. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {DAY_AND_TIME.format(new Date(at))}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Lasting({ from, to }: { from: string; to: string | null }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (to) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [to]);
  const end = to ? Date.parse(to) : now;
  return (
    <span className="number">{formatSeconds(Math.max(0, (end - Date.parse(from)) / 1000))}</span>
  );
}
