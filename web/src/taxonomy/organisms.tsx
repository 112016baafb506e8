import { Link } from "react-router";
import { formatBits, formatCount, formatEvalue } from "../blast/numbers";
import type { Taxon, Taxonomy } from "./contract";

interface Props {
  found: Taxonomy;
  isRounded: boolean;
  /** Where the descriptions of a taxon are. */
  addressOf(taxid: number): string;
}

/** A row a taxid, and those that have none behind them. */
export function Organisms({ found, isRounded, addressOf }: Props) {
  const isLast = found.next_cursor === null;
  const withPairs = hasPairs(found);
  return (
    <div className="scroll">
      <table className="organisms">
        <caption className="hidden">Organisms, a row for each</caption>
        <thead>
          <tr>
            <th scope="col">Organism</th>
            <th scope="col">Taxid</th>
            <th scope="col" className="right">
              Subjects
            </th>
            {withPairs && (
              <th scope="col" className="right" title="A subject with each query that found it">
                Pairs
              </th>
            )}
            {["HSPs", "Best score", "Best E value"].map((head) => (
              <th key={head} scope="col" className="right">
                {head}
              </th>
            ))}
            <th scope="col">Lineage</th>
          </tr>
        </thead>
        <tbody>
          {found.rows.map((taxon) => (
            <tr key={taxon.taxid}>
              <th scope="row">
                <Link to={addressOf(taxon.taxid)}>{taxon.name ?? `taxid ${taxon.taxid}`}</Link>
                {taxon.blast_name && <small> {taxon.blast_name}</small>}
                {found.lineage_source !== null && taxon.lineage.length === 0 && (
                  <small> unresolved</small>
                )}
              </th>
              <td>{taxon.taxid}</td>
              <Figures of={taxon} isRounded={isRounded} withPairs={withPairs} />
              <td>
                <Lineage taxon={taxon} addressOf={addressOf} />
              </td>
            </tr>
          ))}
          {isLast && found.unassigned.subjects > 0 && (
            <tr>
              <th scope="row">No taxid</th>
              <td>
                <span className="unknown">–</span>
              </td>
              <Figures of={found.unassigned} isRounded={isRounded} withPairs={withPairs} />
              <td />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** Whether several queries found a subject: the list that a click opens has a row for each. */
export function hasPairs({ rows, unassigned }: Taxonomy): boolean {
  return [...rows, unassigned].some(({ subjects, pairs }) => pairs > subjects);
}

interface FiguresProps {
  of: Pick<Taxon, "subjects" | "pairs" | "hsps" | "best_bits" | "best_evalue">;
  isRounded: boolean;
  withPairs: boolean;
}

function Figures({ of, isRounded, withPairs }: FiguresProps) {
  return (
    <>
      <td className="right">{formatCount(of.subjects)}</td>
      {withPairs && <td className="right">{formatCount(of.pairs)}</td>}
      <td className="right">{formatCount(of.hsps)}</td>
      <td className="right">
        {of.best_bits === null ? "–" : `${isRounded ? "≈" : ""}${formatBits(of.best_bits)}`}
      </td>
      <td className="right">{of.best_evalue === null ? "–" : formatEvalue(of.best_evalue)}</td>
    </>
  );
}

function Lineage({ taxon, addressOf }: { taxon: Taxon; addressOf: Props["addressOf"] }) {
  return (
    <small>
      {taxon.lineage.map((node, n) => (
        <span key={node.taxid}>
          {n > 0 && " › "}
          <Link to={addressOf(node.taxid)} title={node.rank ?? undefined}>
            {node.name ?? node.taxid}
          </Link>
        </span>
      ))}
    </small>
  );
}
