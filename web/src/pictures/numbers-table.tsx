import type { ReactNode } from "react";
import { Link } from "react-router";

interface Props {
  head: string[];
  rows: string[][];
  /** Where each row leads; null where there is nothing behind it. */
  to(row: number): string | null;
}

/** What a picture shows as a table, for those who do not see or point: each row leads where its mark does. */
export function NumbersTable({ head, rows, to }: Props) {
  return (
    <table>
      <thead>
        <tr>
          {head.map((label) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...cells], n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows never change places
          <tr key={n}>
            <th scope="row">
              <RowHead to={to(n)}>{first}</RowHead>
            </th>
            {cells.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: nor do cells
              <td key={column}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RowHead({ to, children }: { to: string | null; children: ReactNode }) {
  return to === null ? children : <Link to={to}>{children}</Link>;
}
