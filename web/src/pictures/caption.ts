/** How wide a text is, in units of the picture. */
export type Measure = (text: string) => number;

const CUT = "…";

/** A text in lines that are no wider than the room there is, broken at blanks where it can be; cut behind the last. */
export function wrapped(text: string, widthOf: Measure, room: number, most: number): string[] {
  const lines: string[] = [];
  let rest = [...text.replace(/\s+/g, " ").trim()];
  while (rest.length > 0) {
    const isLast = lines.length === most - 1;
    let end = fitting(rest, widthOf, room);
    if (end < rest.length && isLast) {
      lines.push(rest.slice(0, fitting(rest, widthOf, room - widthOf(CUT))).join("") + CUT);
      break;
    }
    const blank = rest.lastIndexOf(" ", end);
    if (end < rest.length && blank > end / 2) end = blank;
    lines.push(rest.slice(0, end).join(""));
    rest = rest.slice(rest[end] === " " ? end + 1 : end);
  }
  return lines;
}

/** How many of these characters fit into the room, at least one. */
function fitting(characters: string[], widthOf: Measure, room: number): number {
  let [fits, many] = [1, characters.length];
  while (fits < many) {
    const middle = Math.ceil((fits + many) / 2);
    if (widthOf(characters.slice(0, middle).join("")) <= room) fits = middle;
    else many = middle - 1;
  }
  return fits;
}

/** A name of at most so many characters, cut where it is longer. */
export function shortened(name: string, most: number): string {
  const characters = [...name];
  return characters.length <= most ? name : characters.slice(0, most - 1).join("") + CUT;
}

/** A text without what XML cannot hold: titles may have control characters in them. */
export function printable(text: string): string {
  return text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
