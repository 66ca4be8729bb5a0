import { initParameters, type ModelConfig, parameterTable } from "../../model/index.ts";
import { randomStream } from "../../voxels/index.ts";

/** The smallest model that has every part: for tests of what surrounds it. */
export const minuteConfig: ModelConfig = {
  filters: [2, 2, 4, 8],
  blocksDown: [1, 1, 1, 1],
  embedDim: 8,
  heads: 2,
  depth: 1,
  mlpHidden: 8,
  generatorSize: 4,
  maskFilters: [2, 2, 4],
  alphaInit: 0.05,
  sQkInit: 1,
  headBiasInit: -5,
  position: "liere",
  attention: "ngpt",
};

/** Untrained values of `minuteConfig` as a checkpoint holds them; `headBias` moves all logits up or down. */
export function minuteModel(headBias = 0): Record<string, { shape: readonly number[]; data: Float32Array }> {
  const drawn = initParameters(minuteConfig, randomStream(1, "minute"));
  drawn["decoder.head.bias"]!.fill(headBias);
  return Object.fromEntries(
    parameterTable(minuteConfig).map(({ name, shape }) => [name, { shape, data: drawn[name]! }]),
  );
}
