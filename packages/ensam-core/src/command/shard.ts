/** Every `count`-th case, starting with the `index`-th; `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Returns the shard that a text such as "2/8" means, or undefined if it means none. */
export function parseShard(text: string): Shard | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [index, count] = [Number(match[1]), Number(match[2])];
  return index >= 1 && index <= count ? { index, count } : undefined;
}

/** Whether the case at a position (from 0) of the input belongs to the shard; without a shard all do. */
export function isInShard(position: number, shard: Shard | undefined): boolean {
  return shard === undefined || position % shard.count === shard.index - 1;
}
