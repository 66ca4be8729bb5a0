import { randomStream } from "../voxels/index.ts";

/** A place in the training order. */
export interface Place {
  /** From 0. */
  readonly epoch: number;
  /** Samples before this one in its epoch. */
  readonly position: number;
}

export interface Turn extends Place {
  /** Which row is used, an index into the input. */
  readonly row: number;
}

/** The rows of one epoch in their seeded random order: a permutation of 0..count-1. */
export function epochOrder(seed: number, epoch: number, count: number): number[] {
  const rows = Array.from({ length: count }, (_, row) => row);
  return randomStream(seed, "order", epoch).shuffle(rows);
}

/** Every turn from a place on until `epochs` are over; each row comes once per epoch (ENSAM §3.2.3). */
export function* turnsFrom(
  from: Place,
  { seed, epochs, count }: { seed: number; epochs: number; count: number },
): Generator<Turn> {
  let { position } = from;
  for (let epoch = from.epoch; epoch < epochs; epoch++, position = 0) {
    const order = epochOrder(seed, epoch, count);
    for (; position < count; position++) yield { epoch, position, row: order[position]! };
  }
}

/** The place after a turn. */
export function placeAfter({ epoch, position }: Place, count: number): Place {
  return position + 1 < count ? { epoch, position: position + 1 } : { epoch: epoch + 1, position: 0 };
}
