import { formatBits, formatCount } from "../blast/numbers";
import { counted } from "../blast/words";
import type { DrawnSubject, Graphic, Place } from "./contract";
import { isMinus } from "./summary-layout";

export const nameOf = ({ subject }: Pick<DrawnSubject, "subject">): string => subject ?? "unnamed";

/** What the graphic summary shows, where it draws these first rows of it: how many of how many, and what not. */
export function summaryWords(graphic: Graphic, rows: DrawnSubject[]): string {
  const [best] = graphic.rows;
  const score = best && best.max_score !== null ? `, ${formatBits(best.max_score)} bits` : "";
  const first = best ? ` The best is ${nameOf(best)}${score}.` : "";
  return (
    `${counted(graphic.subjects, "subject")} with ${counted(graphic.hsps, "HSP")} along the query, ` +
    `${drawnWords(graphic, rows)}.${placelessWords(rows)} A thin line links the HSPs ` +
    `of a subject; a bar points to the left where the strands differ.${first} A click opens the alignments ` +
    `of a subject.`
  );
}

function drawnWords({ subjects, hsps }: Graphic, rows: DrawnSubject[]): string {
  const told = rows.reduce((sum, row) => sum + row.hsps.length, 0);
  const placed = rows.map((row) => row.hsps.filter(isPlaced).length).filter((count) => count > 0);
  const drawn = placed.reduce((sum, count) => sum + count, 0);
  if (placed.length === subjects && drawn === hsps) return `all drawn${ROWS}`;
  if (drawn === 0) return "none drawn";
  const isCut = rows.length < subjects || told < hsps;
  return `${isCut ? "the best " : ""}${counted(placed.length, "subject")} with ${counted(drawn, "HSP")} drawn${ROWS}`;
}

const ROWS = ", a row each, best on top";

/** How many HSPs of how many a picture of a pair shows, the best ones; and what is known of the others. */
export function matchesWords(drawn: number, { hsps, hsps_total: total }: DrawnSubject) {
  const [placeless, worse] = [hsps.length - drawn, total - hsps.length];
  const words =
    drawn < total ? `${formatCount(drawn)} of ${counted(total, "HSP")}` : counted(drawn, "HSP");
  const rest =
    (placeless > 0 ? ` Of ${counted(placeless, "HSP")} a place is not known.` : "") +
    (worse > 0 ? ` ${counted(worse, "HSP")} with lower scores left out.` : "");
  return { words, rest };
}

function placelessWords(rows: DrawnSubject[]): string {
  const count = rows.reduce((sum, row) => sum + row.hsps.filter((hsp) => !isPlaced(hsp)).length, 0);
  return count > 0 ? ` Of ${counted(count, "HSP")} the place on the query is not known.` : "";
}

const isPlaced = ([from, to]: Place) => from !== null && to !== null;

/** How many HSPs a row has, and how many of them are drawn where these are fewer. */
export function hspsWords({ hsps, hsps_total: total }: DrawnSubject): string {
  const cut = hsps.length < total ? `, the best ${formatCount(hsps.length)} drawn` : "";
  return counted(total, "HSP") + cut;
}

/** The places of a subject on the query, each with its strand where that is not the query's. */
export function placesOf({ hsps }: Pick<DrawnSubject, "hsps">): string {
  return hsps
    .map((hsp) => `${hsp[0] ?? "?"}–${hsp[1] ?? "?"}${isMinus(hsp) ? " (strands differ)" : ""}`)
    .join(", ");
}

const POINTS = 5000;

/** The subjects that can be a dot of cover and identity, the best first; and in words how many of how many. */
export function dotsOf({ rows, subjects }: Pick<Graphic, "rows" | "subjects">) {
  const known = rows.filter((row) => row.query_cover !== null && row.per_ident !== null);
  const dots = known.slice(0, POINTS);
  const unknown = rows.length - known.length;
  const isCut = dots.length + unknown < subjects;
  const words = isCut
    ? `The best ${formatCount(dots.length)} of ${counted(subjects, "subject")}`
    : counted(dots.length, "subject");
  const rest = unknown > 0 ? ` Of ${counted(unknown, "subject")} one of the two is unknown.` : "";
  return { dots, words, rest };
}

/** Why a picture has no rows where that is not because there are none, `hsps` in the result; null where it is. */
export function reasonOf(
  graphic: Pick<Graphic, "query_key" | "subjects">,
  query: string | null,
  hsps: number,
): string | null {
  if (graphic.query_key === null && query === null && hsps > 0)
    return "There is no query with hits to draw. Rows that do not tell their query stand in the descriptions alone.";
  if (graphic.subjects > 0)
    return `${counted(graphic.subjects, "subject")} ${graphic.subjects === 1 ? "passes" : "pass"}; the pictures of these are not in this report.`;
  return null;
}
