export interface Schedule {
  /** Learning rate at the start. */
  readonly learningRate: number;
  /** Epochs, counted from 0, at whose start the learning rate halves (ENSAM §3.2.3, table 2). */
  readonly halveAt: readonly number[];
}

/** The learning rate of an epoch, counted from 0. */
export function learningRateAt({ learningRate, halveAt }: Schedule, epoch: number): number {
  return learningRate * 0.5 ** halveAt.filter((start) => epoch >= start).length;
}
