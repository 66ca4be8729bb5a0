import type { Modality } from "@ensam/core/command";

/** Options of ensam-synthesize. */
export interface SynthesizeOptions {
  output: string;
  each: number;
  shapes: number;
  size: number;
  style: readonly Modality[];
  seed: number;
  shard?: string;
  overwrite: boolean;
  relative?: string;
}
