import type { Frame } from "../geometry/index.ts";

/** What a model answered about an object, and on which grid. */
export interface FramedLogits {
  readonly frame: Frame;
  /** [D, H, W] of `frame.shape`. */
  readonly logits: Float32Array;
}
