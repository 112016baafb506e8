import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { Query } from "../api/contract";
import { formatCount } from "../blast/numbers";
import { counted, QUERY_STATUS } from "../blast/words";

const ROW_HEIGHT = 30;
const HEIGHT = 10 * ROW_HEIGHT;

interface ListProps {
  id: string;
  count: number;
  total: number;
  active: number;
  /** Queries that a report does not name. */
  notHere: number;
  rowAt(n: number): Query | undefined;
  onChoose(n: number): void;
  onEnd: (() => void) | null;
}

/** Only the options in sight are in the document; the end of what is loaded loads more. */
export default function QueryOptions({
  id,
  count,
  total,
  active,
  notHere,
  rowAt,
  onChoose,
  onEnd,
}: ListProps) {
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
            {notHere > 0 && ` in this report, which does not name ${formatCount(notHere)}`}
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
