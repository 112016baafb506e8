import { keep, kept } from "./kept";

const KEY = "theme";

export const THEMES = ["auto", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

export function chosenTheme(): Theme {
  return THEMES.find((theme) => theme === kept(KEY)) ?? "auto";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.style.colorScheme = theme === "auto" ? "light dark" : theme;
  keep(KEY, theme === "auto" ? null : theme);
}
