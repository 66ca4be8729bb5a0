import { expect, test } from "vitest";
import { inOrder } from "./inOrder.ts";

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("results come in the items' order although the later ones are done first", async () => {
  const work = async (item: number) => {
    await later(20 - 5 * item);
    return item * 10;
  };
  expect(await all(inOrder([0, 1, 2, 3], 3, work))).toEqual([0, 10, 20, 30]);
});

test("no more than `ahead` + 1 items are begun before the first is taken", async () => {
  const begun: number[] = [];
  const results = inOrder([0, 1, 2, 3, 4, 5, 6], 2, async (item) => begun.push(item));
  await results.next();
  expect(begun).toEqual([0, 1, 2]);
  await results.next();
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("with nothing ahead, an item is begun when it is asked for", async () => {
  const begun: number[] = [];
  const results = inOrder([0, 1, 2], 0, async (item) => begun.push(item));
  expect(begun).toEqual([]);
  await results.next();
  expect(begun).toEqual([0]);
});

test("a failure is thrown at its turn, after the results before it", async () => {
  const results = inOrder([0, 1], 1, async (item) => {
    if (item === 1) throw new Error("second");
    return item;
  });
  expect((await results.next()).value).toBe(0);
  await expect(results.next()).rejects.toThrow("second");
});

test("whoever leaves is not kept waiting for what is under way", async () => {
  const results = inOrder([0, 1, 2, 3], 2, (item) => (item === 0 ? Promise.resolve(0) : new Promise(() => undefined)));
  for await (const result of results) {
    expect(result).toBe(0);
    break;
  }
});
