const mostItems = 20;
const longestText = 80;

/** The beginning of a value as JSON, for errors: short however much lies in it, and however deep. */
export function describeValue(value: unknown, length = longestText): string {
  if (value === undefined) return "nothing";
  let shown = 0;
  const beginning = (_key: string, item: unknown): unknown => {
    if (++shown > mostItems) return "...";
    return typeof item === "string" ? item.slice(0, length) : item;
  };
  return JSON.stringify(value, beginning).slice(0, length);
}
