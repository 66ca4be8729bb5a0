import { expect, test } from "vitest";
import { type BalancedRow, balanceRows } from "./balanceRows.ts";

/** A row with so many objects. */
const row = (dataset: string, name: string, objects: number): BalancedRow & { case: string } => ({
  dataset,
  case: name,
  labels: Object.fromEntries(Array.from({ length: objects }, (_, i) => [String(i + 1), {}])),
});
const count = <Row>(rows: readonly Row[], isCounted: (row: Row) => boolean) => rows.filter(isCounted).length;

test("parts have their shares, datasets the root of their objects, rows their objects", () => {
  const many = [row("many", "a", 48), row("many", "b", 16)]; // 64 objects: weight 8
  const few = [row("few", "c", 4)]; // weight 2
  const other = [row("other", "d", 1000)];
  const rows = balanceRows(
    [
      { rows: [...many, ...few], share: 0.5 },
      { rows: other, share: 0.5 },
    ],
    2000,
    1,
  );
  expect(rows.length).toBeGreaterThanOrEqual(1998);
  expect(rows.length).toBeLessThanOrEqual(2003);
  expect(Math.abs(count(rows, ({ dataset }) => dataset === "many") - 800)).toBeLessThanOrEqual(1);
  expect(Math.abs(count(rows, ({ case: name }) => name === "a") - 600)).toBeLessThanOrEqual(2);
  expect(Math.abs(count(rows, ({ dataset }) => dataset === "other") - 1000)).toBeLessThanOrEqual(1);
});

test("rows that are rarer than once an epoch are thinned evenly, and the seed decides which", () => {
  const rows = Array.from({ length: 100 }, (_, i) => row("large", String(i), 2));
  const chosen = balanceRows([{ rows, share: 1 }], 25, 1).map(({ case: name }) => Number(name));
  expect(chosen).toHaveLength(25);
  for (const [i, name] of chosen.entries()) expect(Math.floor(name / 4)).toBe(i);
  const others = [2, 3, 4, 5].map((seed) => balanceRows([{ rows, share: 1 }], 25, seed).map((r) => Number(r.case))[0]);
  expect(new Set([...others, chosen[0]]).size).toBeGreaterThan(1);
});
