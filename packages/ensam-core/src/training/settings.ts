import type { SampleOptions } from "../samples/index.ts";
import type { Precision } from "../tensors/index.ts";

/** How a model is trained; plain data. The paper's values are the defaults of `ensam-train`. */
export interface TrainingSettings extends SampleOptions {
  readonly seed: number;
  readonly epochs: number;
  /** Stop after this many optimizer steps in all. */
  readonly maxSteps?: number;
  /** Samples per optimizer step. */
  readonly accumulate: number;
  /** Simulated clicks per sample, after the box. */
  readonly clicks: number;
  readonly optimizer: "muon" | "adamw";
  readonly groups: "paper" | "hidden";
  readonly learningRate: number;
  /** Epochs at whose start the learning rate is halved. */
  readonly halveAt: readonly number[];
  readonly weightDecay: number;
  /** Largest norm of the whole gradient; 0 for no limit. */
  readonly clipNorm: number;
  /** Decay per step of the average of the weights, if one is kept. */
  readonly averageDecay?: number;
  /** What convolutions multiply, where that is not f32: another precision gives other weights. */
  readonly precision?: Precision;
  /** How `wasm` was told to compute 3x3x3 convolutions; `direct` if absent. */
  readonly convolution?: "auto" | "direct";
}
