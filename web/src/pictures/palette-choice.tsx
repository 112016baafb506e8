import { keepPalette, PALETTES, type Palette } from "./colours";

/** Which colours stand for scores; the choice is kept. */
export function PaletteChoice({
  palette,
  onChoose,
}: {
  palette: Palette;
  onChoose(palette: Palette): void;
}) {
  return (
    <label>
      Score colours{" "}
      <select
        value={palette}
        onChange={({ target: { value } }) => {
          keepPalette(value as Palette);
          onChoose(value as Palette);
        }}
      >
        {Object.entries(PALETTES).map(([name, { label }]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
