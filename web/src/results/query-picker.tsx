import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, lazy, Suspense, useEffect, useId, useState } from "react";
import type { Job, Query } from "../api/contract";
import { formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import { ErrorNote } from "../parts/notes";
import {
  isMeant,
  neighbourOf,
  type Side,
  soughtNeighbour,
  useKnownQuery,
  useQueryList,
} from "./query-list";
import type { Asked } from "./question";

interface Props {
  job: Job;
  /** Key or id of the query that is shown; null for all. */
  current: string | null;
  /** Its id, where rows tell it. */
  name: string | null | undefined;
  asked: Asked;
}

// Its library is for long lists, and fetched when the first of them is opened.
const QueryOptions = lazy(() => import("./query-options"));

const PAUSE_MS = 250;

/** Which query is shown, its neighbours that have hits, and a list of all that can be searched. */
export function QueryPicker({ job, current, name, asked }: Props) {
  const { rows, total, hasMore, withMore } = useQueryList(job, "");
  const at = current === null ? -1 : rows.findIndex((row) => isMeant(row, current));
  const shown = useKnownQuery(job, current);
  const show = (query: string | null) => asked.ask({ query, isAll: query === null });
  const listed = { rows, hasMore };
  const search = useMutation({
    mutationFn: async (side: Side) =>
      current === null ? null : soughtNeighbour(listed, current, side, withMore),
  });
  const step = (side: Side, label: string, sign: string) => {
    const isNone =
      current === null || shown === null || neighbourOf(listed, current, side) === null;
    // Whoever has gone elsewhere meanwhile is not fetched back.
    const onSuccess = (to: Query | null) => to && show(to.query_key);
    return (
      <button
        type="button"
        aria-label={label}
        title={label}
        disabled={isNone || search.isPending}
        onClick={() => search.mutate(side, { onSuccess })}
      >
        {sign}
      </button>
    );
  };
  return (
    <div className="picker">
      <QueryBox
        job={job}
        label={asked.question.isAll ? "All queries" : (shown?.query ?? name ?? current ?? "")}
        onChoose={(query) => {
          search.reset();
          show(query);
        }}
      />
      {step("previous", "Previous query with hits", "‹")}
      {step("next", "Next query with hits", "›")}
      <span className="help">
        {[
          at >= 0 &&
            total !== null &&
            `${formatCount(at + 1)} of ${counted(total, "query", "queries")}`,
          shown?.length != null && counted(shown.length, "letter"),
          shown && titleOf(shown),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      {search.error && <ErrorNote error={search.error} />}
    </div>
  );
}

/** The title without the id that some formats repeat in it. */
export function titleOf({ query, title }: Query): string {
  return title?.startsWith(query) ? title.slice(query.length).trim() : (title ?? "");
}

interface BoxProps {
  job: Job;
  label: string;
  onChoose(query: string | null): void;
}

/** A combobox over all queries; what is typed is searched for in ids and titles by the server. */
function QueryBox({ job, label, onChoose }: BoxProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const { rows, filtered, notHere, hasMore, more } = useQueryList(job, text);
  const id = useId();
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  const isAllOffered = text === "";
  const count = rows.length + (isAllOffered ? 1 : 0);
  const rowAt = (n: number) => rows[isAllOffered ? n - 1 : n];
  const close = () => {
    setIsOpen(false);
    setTyped("");
    setActive(0);
  };
  const choose = (n: number) => {
    const row = rowAt(n);
    close();
    if (row || isAllOffered) onChoose(row?.query_key ?? null);
  };
  const press = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      setIsOpen(true);
      if (isOpen) setActive(Math.max(0, Math.min(count - 1, active + move)));
    } else if (event.key === "Enter" && isOpen && count > 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape") close();
  };
  return (
    <div className="combobox">
      <label htmlFor={id}>Results for</label>
      <input
        id={id}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        value={isOpen ? typed : label}
        placeholder={isOpen ? `${label} – type to search` : ""}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          setIsOpen(true);
        }}
        onClick={() => setIsOpen(true)}
        onBlur={close}
        onKeyDown={press}
      />
      {isOpen && (
        <Suspense>
          <QueryOptions
            id={id}
            count={count}
            total={(filtered ?? 0) + (isAllOffered ? 1 : 0)}
            active={active}
            notHere={notHere}
            rowAt={rowAt}
            onChoose={choose}
            onEnd={hasMore ? more : null}
          />
        </Suspense>
      )}
    </div>
  );
}
