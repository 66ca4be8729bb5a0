const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds that a text such as `90`, `90s`, `30m`, `6h` or `1h30m` means, or undefined if it means none. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) > 0 ? Number(text) : undefined;
  if (!/^(\d+(\.\d+)?[dhms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([dhms])/g))
    seconds += Number(amount) * secondsPer[unit!]!;
  return seconds > 0 ? seconds : undefined;
}
