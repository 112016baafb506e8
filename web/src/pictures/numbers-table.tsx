import { Link } from "react-router";

interface Props {
  head: string[];
  rows: string[][];
  /** Where each row leads. */
  to(row: number): string;
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
              <Link to={to(n)}>{first}</Link>
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
