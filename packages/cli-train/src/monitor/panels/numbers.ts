/** At most six characters: 1.24, 0.0021, 3.1e-5, 12.3k, 4.2M. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3) return value.toExponential(size < 9.95e-10 ? 0 : 1);
  if (size < 1) return trimmed(value.toPrecision(3));
  if (Number.isInteger(value) && size < 10_000) return String(value);
  for (const [unit, letter] of units) {
    if (size >= unit * 0.9995) return `${trimmed((value / unit).toPrecision(3))}${letter}`;
  }
  return trimmed(value.toPrecision(3));
}

const units = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** 8 s, 3 min 20 s, 25 min, 2 h 5 min, 3 d 4 h. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes >= 10 && minutes < 60) return `${minutes} min`;
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bytesWords(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.round(bytes / 1024)} KiB`;
  if (bytes < 2 ** 30) return `${Math.round(bytes / 2 ** 20)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** 1,234,567 */
export function grouped(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function trimmed(text: string): string {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}
