import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Job, Query } from "../api/contract";
import { formatCount } from "../blast/numbers";
import { counted, QUERY_STATUS } from "../blast/words";
import { isMeant, useQueryList } from "./query-list";
import type { Asked } from "./question";

interface Props {
  job: Job;
  /** Key or id of the query that is shown; null for all. */
  current: string | null;
  asked: Asked;
}

const ROW_HEIGHT = 30;
const HEIGHT = 10 * ROW_HEIGHT;
const PAUSE_MS = 250;

/** Which query is shown, its neighbours that have hits, and a list of all that can be searched. */
export function QueryPicker({ job, current, asked }: Props) {
  const { rows, filtered } = useQueryList(job, "");
  const at = current === null ? -1 : rows.findIndex((row) => isMeant(row, current));
  const shown = rows[at];
  const withHits = (row: Query) => row.status === "hits" || row.status === "partial";
  const previous = rows.slice(0, Math.max(0, at)).findLast(withHits);
  const next = at < 0 ? undefined : rows.slice(at + 1).find(withHits);
  const show = (query: string | null) => asked.ask({ query, isAll: query === null });
  const step = (label: string, sign: string, to: Query | undefined) => (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={!to}
      onClick={() => to && show(to.query_key)}
    >
      {sign}
    </button>
  );
  return (
    <div className="picker">
      <QueryBox
        key={`${current} ${asked.question.isAll}`}
        job={job}
        label={asked.question.isAll ? "All queries" : (shown?.query ?? current ?? "")}
        onChoose={show}
      />
      {step("Previous query with hits", "‹", previous)}
      {step("Next query with hits", "›", next)}
      <span className="help">
        {shown &&
          filtered !== null &&
          `${formatCount(at + 1)} of ${counted(filtered, "query", "queries")}`}
        {shown?.length != null && `, ${formatCount(shown.length)} letters`}
        {shown && titleOf(shown) && ` · ${titleOf(shown)}`}
      </span>
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
  const { rows, filtered, hasMore, more } = useQueryList(job, text);
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
  };
  const choose = (n: number) => {
    close();
    const row = rowAt(n);
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
        <OptionList
          id={id}
          count={count}
          total={(filtered ?? 0) + (isAllOffered ? 1 : 0)}
          active={active}
          rowAt={rowAt}
          onChoose={choose}
          onEnd={hasMore ? more : null}
        />
      )}
    </div>
  );
}

interface ListProps {
  id: string;
  count: number;
  total: number;
  active: number;
  rowAt(n: number): Query | undefined;
  onChoose(n: number): void;
  onEnd: (() => void) | null;
}

/** Only the options in sight are in the document; the end of what is loaded loads more. */
function OptionList({ id, count, total, active, rowAt, onChoose, onEnd }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    initialRect: { width: 0, height: HEIGHT },
    overscan: 4,
  });
  useEffect(() => list.scrollToIndex(active), [list, active]);
  const last = list.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= count - 1) onEnd?.();
  }, [last, count, onEnd]);
  return (
    <div ref={box} className="options">
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Queries"
        style={{ height: list.getTotalSize() }}
      >
        {count === 0 && (
          <div role="option" aria-selected={false} aria-disabled tabIndex={-1}>
            No such query
          </div>
        )}
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rowAt(index);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys go to the combobox
            <div
              key={index}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              aria-posinset={index + 1}
              aria-setsize={total}
              style={{ transform: `translateY(${start}px)` }}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChoose(index)}
            >
              {row ? (
                <>
                  {row.query}{" "}
                  <small>
                    {row.subjects ? counted(row.subjects, "subject") : QUERY_STATUS[row.status]}
                  </small>
                </>
              ) : (
                "All queries"
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
