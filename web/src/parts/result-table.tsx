import {
  type ColumnDef,
  columnVisibilityFeature,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type ReactNode, useMemo } from "react";
import { DEFINITIONS, type Term } from "../blast/definitions";
import type { Order } from "../results/question";
import { defined } from "./definitions";

const features = tableFeatures({ rowSelectionFeature, columnVisibilityFeature });

export interface Column<Row> {
  term: Term;
  cell(row: Row): ReactNode;
  isNumber?: boolean;
  /** Which way the first click sorts; columns without one cannot be sorted. */
  sorts?: Order;
}

export interface Sorting {
  by: string | null;
  order: Order | null;
  onSort(by: Term, order: Order): void;
}

interface Props<Row> {
  name: string;
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  idOf(row: Row): string;
  isStale?: boolean;
  hidden?: ReadonlySet<Term>;
  sorting?: Sorting;
  picking?: { picked: string[]; onPick(picked: string[]): void; labelOf(row: Row): string };
}

/** A table in NCBI's manner; on a narrow window each row is a small card. */
export function ResultTable<Row extends object>(props: Props<Row>) {
  const { columns, rows, idOf, hidden, picking, sorting } = props;
  const definitions = useMemo(
    () =>
      columns.map(
        ({ term }): ColumnDef<typeof features, Row> => ({ id: term, accessorFn: (row) => row }),
      ),
    [columns],
  );
  const byTerm = useMemo(
    () => new Map(columns.map((column) => [column.term as string, column])),
    [columns],
  );
  const rowSelection = Object.fromEntries((picking?.picked ?? []).map((id) => [id, true as const]));
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: idOf,
    state: {
      rowSelection,
      columnVisibility: Object.fromEntries([...(hidden ?? [])].map((term) => [term, false])),
    },
    onRowSelectionChange: (change) => {
      const next: RowSelectionState = typeof change === "function" ? change(rowSelection) : change;
      picking?.onPick(Object.keys(next).filter((id) => next[id]));
    },
  });
  return (
    <div className="scroll">
      <table
        className={`stacked ${props.name} ${props.isStale ? "stale" : ""}`}
        aria-busy={props.isStale ?? false}
      >
        <caption className="hidden">{props.caption}</caption>
        <thead>
          <tr>
            {picking && (
              <th scope="col" className="pick">
                <input
                  type="checkbox"
                  aria-label="Pick all rows of this page"
                  checked={rows.length > 0 && table.getIsAllRowsSelected()}
                  onChange={table.getToggleAllRowsSelectedHandler()}
                />
              </th>
            )}
            {table.getVisibleLeafColumns().map(({ id }) => {
              const column = byTerm.get(id) as Column<Row>;
              return <Head key={id} column={column} sorting={sorting} />;
            })}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className={row.getIsSelected() ? "picked" : ""}>
              {picking && (
                <td className="pick">
                  <input
                    type="checkbox"
                    aria-label={`Pick ${picking.labelOf(row.original)}`}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </td>
              )}
              {row.getVisibleCells().map(({ column: { id } }) => {
                const column = byTerm.get(id) as Column<Row>;
                return (
                  <td
                    key={id}
                    className={classOf(column)}
                    data-label={DEFINITIONS[column.term].label}
                  >
                    {column.cell(row.original) ?? <Unknown />}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { term, sorts } = column;
  const label = DEFINITIONS[term].label;
  const order = sorting?.by === term ? sorting.order : null;
  const next = order === null ? sorts : order === "asc" ? "desc" : "asc";
  const sorted = order === "asc" ? "ascending" : "descending";
  return (
    <th scope="col" className={classOf(column)} {...(order && { "aria-sort": sorted })}>
      {sorting && sorts && next ? (
        <button
          type="button"
          className="sort"
          {...defined(term)}
          onClick={() => sorting.onSort(term, next)}
        >
          {label}
          {order && (
            <span aria-hidden="true" className="arrow">
              {order === "asc" ? "▲" : "▼"}
            </span>
          )}
        </button>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its definition must be reachable by keyboard
        <span className="term" tabIndex={0} {...defined(term)}>
          {label}
        </span>
      )}
    </th>
  );
}

function classOf<Row>({ term, isNumber }: Column<Row>): string {
  return `of-${term}${isNumber ? " right" : ""}`;
}

/** What the result does not tell; never 0. */
export function Unknown() {
  return (
    <span className="unknown" title="The result does not tell">
      –<span className="hidden">unknown</span>
    </span>
  );
}
