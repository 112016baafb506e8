import { keep, kept } from "../parts/kept";

/** The lowest bit score of each class, and its name, from the lowest class up: NCBI's graphic summary. */
export const CLASSES = [
  { from: Number.NEGATIVE_INFINITY, label: "<40" },
  { from: 40, label: "40–50" },
  { from: 50, label: "50–80" },
  { from: 80, label: "80–200" },
  { from: 200, label: "≥200" },
] as const;

export type Palette = "ncbi" | "safe";

/** NCBI's colours; and a row that grows darker with the score, told apart by any eye and in print. */
export const PALETTES: Record<Palette, { label: string; colours: readonly string[] }> = {
  ncbi: {
    label: "NCBI’s",
    colours: ["#000000", "#0000ff", "#00ff00", "#ff00ff", "#ff0000"],
  },
  safe: {
    label: "colour-blind safe",
    colours: ["#9bd3c0", "#52a9c4", "#2c7fb8", "#253494", "#06123f"],
  },
};

export const UNKNOWN_COLOUR = "#9a9a9a";

/** The number of a score's class, from 0; null where the score is unknown. */
export function classOf(bits: number | null): number | null {
  if (bits === null) return null;
  return CLASSES.findLastIndex(({ from }) => bits >= from);
}

export function colourOf(bits: number | null, palette: Palette): string {
  const place = classOf(bits);
  return place === null ? UNKNOWN_COLOUR : (PALETTES[palette].colours[place] ?? UNKNOWN_COLOUR);
}

const KEY = "picture-colours";

export function chosenPalette(): Palette {
  return kept(KEY) === "safe" ? "safe" : "ncbi";
}

export function keepPalette(palette: Palette): void {
  keep(KEY, palette);
}
