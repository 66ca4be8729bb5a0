/** Options of ensam-coreset. */
export interface CoresetOptions {
  budget: string;
  excludeDataset: readonly string[];
  excludeModality: readonly string[];
  fill: boolean;
  seed: number;
  report: boolean;
  relative?: string;
}
