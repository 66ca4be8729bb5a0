export const budgetWords = "a count such as 4471 or a share such as 10%";

/** Whether a text is a budget: a positive integer, or a percentage above 0 and up to 100. */
export function isBudget(text: string): boolean {
  if (/^[1-9]\d*$/.test(text)) return Number.isSafeInteger(Number(text));
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  return match !== null && Number(match[1]) > 0 && Number(match[1]) <= 100;
}

/** Returns how many cases a budget allows out of all; a share is rounded down, but 0.1 % of 1000 is 1. */
export function allowedCases(budget: string, cases: number): number {
  if (!budget.endsWith("%")) return Number(budget);
  // Whole multiples have to stay whole: 1.1 % of 1000 is 11, though 1.1 / 100 * 1000 is 11.000000000000002 or so.
  return Math.floor(Number(((Number(budget.slice(0, -1)) * cases) / 100).toPrecision(12)));
}
