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
    `${drawnWords(graphic, rows)}.${unplacedWords(rows)} A thin line links the HSPs ` +
    `of a subject; a bar points to the left where the strands differ.${first} A click opens the alignments ` +
    `of a subject.`
  );
}

function drawnWords({ subjects, hsps, rows: all }: Graphic, rows: DrawnSubject[]): string {
  const told = rows.reduce((sum, row) => sum + row.hsps.length, 0);
  const placed = rows.map((row) => row.hsps.filter(isPlaced).length).filter((count) => count > 0);
  const drawn = placed.reduce((sum, count) => sum + count, 0);
  if (placed.length === subjects && drawn === hsps) return `all drawn${ROWS}`;
  if (drawn === 0) return "none drawn";
  const isCut = rows.length < subjects || told < hsps;
  const areBest = rows.every((row, n) => row === all[n]);
  return `${isCut && areBest ? "the best " : ""}${counted(placed.length, "subject")} with ${counted(drawn, "HSP")} drawn${ROWS}`;
}

const ROWS = ", a row each, best on top";

/** How many HSPs of how many a picture of a pair shows; and what is known of the others. */
export function matchesWords(drawn: number, { hsps, hsps_total: total }: DrawnSubject) {
  const [placeless, others] = [hsps.length - drawn, total - hsps.length];
  const words =
    drawn < total ? `${formatCount(drawn)} of ${counted(total, "HSP")}` : counted(drawn, "HSP");
  const rest =
    (placeless > 0 ? ` Of ${counted(placeless, "HSP")} a place is not known.` : "") +
    (others > 0 ? ` ${counted(others, "more HSP")} of this pair ${areOf(others)} not drawn.` : "");
  return { words, rest };
}

/** Why there is no picture of a pair. */
export function undrawnWords(row: DrawnSubject | undefined): string {
  if (!row) return "There is no picture of this pair: its HSPs are of another query with this id.";
  return row.hsps.length === 0
    ? "There is no picture of this pair: the report has none of its HSPs."
    : "There is no picture of this pair: the places of its HSPs on both sequences are not known.";
}

function unplacedWords(rows: DrawnSubject[]): string {
  const count = rows.reduce((sum, row) => sum + row.hsps.filter((hsp) => !isPlaced(hsp)).length, 0);
  return count > 0 ? ` Of ${counted(count, "HSP")} the place on the query is not known.` : "";
}

/** Whether an HSP of a subject has its place on the query. */
export const isOnQuery = ({ hsps }: Pick<DrawnSubject, "hsps">): boolean => hsps.some(isPlaced);

/** Why subjects of which HSPs are here are not drawn. */
export function placelessWords({ subjects }: Pick<Graphic, "subjects">): string {
  const whose = subjects === 1 ? "its" : "their";
  return `${counted(subjects, "subject")} cannot be drawn along the query: the places of ${whose} HSPs on it are not known.`;
}

const isPlaced = ([from, to]: Place) => from !== null && to !== null;

/** How many HSPs a row has, and how many of them are drawn where these are fewer. */
export function hspsWords({ hsps, hsps_total: total }: DrawnSubject): string {
  const cut = hsps.length < total ? `, ${formatCount(hsps.length)} of them drawn` : "";
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
  const words = !isCut
    ? counted(dots.length, "subject")
    : dots.length === 0
      ? `None of ${counted(subjects, "subject")}`
      : `The best ${formatCount(dots.length)} of ${counted(subjects, "subject")}`;
  const rest = unknown > 0 ? ` Of ${counted(unknown, "subject")} one of the two is unknown.` : "";
  return { dots, words, rest };
}

/** That there are more subjects than these that are drawn, and why; null where there are no more. */
export function behindWords(
  { subjects, not_here }: Pick<Graphic, "subjects" | "not_here">,
  drawn: number,
): string | null {
  const behind = subjects - drawn;
  if (behind <= 0) return null;
  const count = counted(behind, drawn > 0 ? "more subject" : "subject");
  // Only a report tells what is not here.
  return not_here === undefined
    ? `${count} with lower scores ${areOf(behind)} not drawn: filter for less.`
    : `${count} cannot be drawn along the query: the report has none of ${behind === 1 ? "its" : "their"} HSPs.`;
}

const areOf = (count: number) => (count === 1 ? "is" : "are");

/** Why a picture has no rows where that is not because there are none, `hsps` in the result; null where it is. */
export function reasonOf(
  graphic: Pick<Graphic, "query_key" | "subjects">,
  query: string | null,
  hsps: number | null,
): string | null {
  if (graphic.query_key === null && query === null && hsps !== 0)
    return "There is no query with hits to draw. Rows that do not tell their query stand in the descriptions alone.";
  if (graphic.subjects > 0)
    return `${counted(graphic.subjects, "subject")} ${graphic.subjects === 1 ? "passes" : "pass"}, and none of them can be drawn.`;
  return null;
}
