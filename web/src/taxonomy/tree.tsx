import { useState } from "react";
import { formatBits, formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import { shortened } from "../pictures/caption";
import { colourOf, type Palette } from "../pictures/colours";
import { useLinks } from "../pictures/links";
import { NumbersTable } from "../pictures/numbers-table";
import { Picture, type Subject } from "../pictures/picture";
import type { Branch } from "./contract";
import { clickWords, hitsWords, type Line, linesOf } from "./tree-lines";

const WIDTH = 1000;
const STEP = 16;
const ROW = 20;
const TOP = 30;
const SHOWN = 200;
const [BAR_FROM, BAR_TO] = [700, 900];
/** Where names end: what is behind is the number of hits. */
const NAMES_TO = 640;
const LETTER = 7;

interface Props {
  tree: Branch & { left_out: number };
  palette: Palette;
  of: Subject;
  /** Where the descriptions of a taxon, and of all below it, are. */
  addressOf(taxid: number): string;
}

/** NCBI's taxonomy report: hits and organisms add up along the branches. */
export function Tree({ tree, palette, of, addressOf }: Props) {
  const { hrefOf } = useLinks();
  const [shown, setShown] = useState(SHOWN);
  const lines = linesOf(tree);
  const drawn = lines.slice(0, shown);
  const rest =
    tree.left_out > 0 ? ` ${counted(tree.left_out, "organism")} with lower scores left out.` : "";
  return (
    <>
      <Picture
        name="taxonomy-tree"
        title="Taxonomy tree"
        of={of}
        width={WIDTH}
        height={TOP + drawn.length * ROW + 8}
        text={`${counted(tree.organisms, "organism")} with ${hitsWords(tree)} under ${tree.name ?? "the root"}; the hits of a taxon are those at and below it, a subject of several taxids counts for each. The bar is coloured by the best bit score.${rest} ${clickWords(tree)}`}
        table={() => (
          <NumbersTable
            to={(n) => addressOf(drawn[n]?.branch.taxid ?? tree.taxid)}
            head={["Taxon", "Rank", "Hits", "Own hits", "Organisms"]}
            rows={drawn.map(({ branch, depth }) => [
              `${"\u2003".repeat(depth)}${branch.name ?? branch.taxid}`,
              branch.rank ?? "",
              formatCount(branch.hits),
              formatCount(branch.own_hits),
              formatCount(branch.organisms),
            ])}
          />
        )}
      >
        <g fontWeight="bold">
          <text x="20" y="18">
            Taxon
          </text>
          <text x={BAR_FROM - 8} y="18" textAnchor="end">
            Hits
          </text>
          <text x={WIDTH - 20} y="18" textAnchor="end">
            Organisms
          </text>
        </g>
        {drawn.map((line, n) => (
          <TreeLine
            key={line.branch.taxid}
            line={line}
            top={TOP + n * ROW}
            most={tree.hits}
            palette={palette}
            href={hrefOf(addressOf(line.branch.taxid))}
          />
        ))}
      </Picture>
      {lines.length > shown && (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          Draw the next {formatCount(Math.min(SHOWN, lines.length - shown))}
        </button>
      )}
    </>
  );
}

interface LineProps {
  line: Line;
  top: number;
  most: number;
  palette: Palette;
  href: string;
}

function TreeLine({ line: { branch, depth, above }, top, most, palette, href }: LineProps) {
  const x = 20 + Math.min(depth, 24) * STEP;
  const middle = top + ROW / 2;
  const name = branch.name ?? `taxid ${branch.taxid}`;
  const rank = branch.rank && branch.rank !== "no rank" ? `  ${branch.rank}` : "";
  const room = Math.floor((NAMES_TO - x) / LETTER) - rank.length;
  const score = branch.best_bits === null ? "" : `, best score ${formatBits(branch.best_bits)}`;
  return (
    <a href={href} tabIndex={-1} data-taxid={branch.taxid} data-hits={branch.hits}>
      <title>{`${name}${branch.rank ? ` (${branch.rank})` : ""}: ${hitsWords(branch)}, ${counted(branch.organisms, "organism")}${score}`}</title>
      <rect x="0" y={top} width={WIDTH} height={ROW} fill="transparent" />
      {depth > 0 && (
        <path
          d={`M${x - 11} ${middle}h8M${x - 11} ${middle}v${-above * ROW + ROW / 2 - 2}`}
          fill="none"
          stroke="#9aa6b0"
        />
      )}
      <text x={x} y={middle + 4} fontStyle={branch.rank === "species" ? "italic" : undefined}>
        {shortened(name, room)}
        {rank && (
          <tspan fill="#56616b" fontStyle="normal">
            {rank}
          </tspan>
        )}
      </text>
      <text x={BAR_FROM - 8} y={middle + 4} textAnchor="end">
        {formatCount(branch.hits)}
      </text>
      <rect
        x={BAR_FROM}
        y={middle - 5}
        width={((BAR_TO - BAR_FROM) * branch.hits) / Math.max(1, most)}
        height="10"
        fill={colourOf(branch.best_bits, palette)}
      />
      <text x={WIDTH - 20} y={middle + 4} textAnchor="end">
        {formatCount(branch.organisms)}
      </text>
    </a>
  );
}
