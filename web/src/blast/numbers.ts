/**
 * An E value as NCBI's page prints it (`GetScoreString` of the C++ Toolkit's align_format): `0.0` below 1e-180,
 * one digit and an exponent below 9e-4, then three, two, one and no decimals from 0, 0.1, 1 and 10 on.
 */
export function formatEvalue(evalue: number): string {
  if (evalue < 1e-180) return "0.0";
  if (evalue < 9e-4) return exponential(evalue, 0);
  if (evalue < 0.1) return evalue.toFixed(3);
  if (evalue < 1) return evalue.toFixed(2);
  if (evalue < 10) return evalue.toFixed(1);
  return evalue.toFixed(0);
}

/**
 * Bits as NCBI's page prints them (the same function): one decimal up to 99.9, above that cut to a whole number,
 * and from 100,000 on four digits and an exponent.
 */
export function formatBits(bits: number): string {
  if (bits > 99_999) return exponential(bits, 3);
  if (bits > 99.9) return Math.trunc(bits).toString();
  return bits.toFixed(1);
}

/** Whole percent as in NCBI's alignments (`GetPercentMatch`): half rounds up, and 100 only if all match. */
export function percentOf(matching: number, length: number): number {
  if (matching === length) return 100;
  return Math.min(99, Math.floor(0.5 + (100 * matching) / length));
}

/** As C's `%e` prints: at least two digits of exponent. */
function exponential(value: number, decimals: number): string {
  return value.toExponential(decimals).replace(/e([+-])(\d)$/, "e$10$2");
}

/** A whole number with thin spaces between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US").replaceAll(",", "\u2009");
}

/** Bytes with a decimal unit, as storage is measured. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Seconds as `0.4 s`, `12 s`, `3 min 05 s` or `2 h 07 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const padded = (value: number) => String(value).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${padded(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}
