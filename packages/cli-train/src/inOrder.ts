/**
 * What `work` makes of each item, in the items' order, with up to `ahead` items under way or waiting. Nothing is begun
 * before it is within reach, so a slow consumer holds the producers back. `ahead` 0 works on one item at a time, when
 * it is asked for. A consumer that leaves is not kept waiting for what is under way.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.iterator]();
  const waiting: Promise<Result>[] = [];
  const begin = () => {
    const next = iterator.next();
    if (next.done) return;
    const result = work(next.value);
    result.catch(() => undefined); // Reported when its turn comes.
    waiting.push(result);
  };
  for (let i = 0; i < ahead; i++) begin();
  while (true) {
    begin();
    const result = waiting.shift();
    if (result === undefined) return;
    yield await result;
  }
}
