import { type FrameOptions, gridMultiple, type Zyx } from "../geometry/index.ts";

/** How positions enter attention: see `positions.ts`. */
export type PositionKind = "liere" | "rope" | "absolute";
/** The form of the interaction blocks: see `ngpt.ts` and `standard.ts`. */
export type AttentionKind = "ngpt" | "standard";

/** How prompts enter: as tokens that attend, as maps (see `densePrompts.ts`), or as both. */
export type PromptKind = "attention" | "dense" | "both";

/** The unit of positions: voxels, or mm, which differ where voxels are not cubes: see `positions.ts`. */
export type CoordinateKind = "voxels" | "mm";

/** Everything that determines the network. It is kept in the metadata of a checkpoint. */
export interface ModelConfig {
  /** Channels of the encoder stages, at 1, 1/2, 1/4, 1/8 of the resolution (ENSAM §2.1); a fifth stage is at 1/16. */
  readonly filters: readonly number[];
  /** Residual blocks of each encoder stage. */
  readonly blocksDown: readonly number[];
  /** C, the channels of every embedding; equals the deepest filter count. */
  readonly embedDim: number;
  /** Attention heads. */
  readonly heads: number;
  /** Interaction blocks (ENSAM §2.2.3). */
  readonly depth: number;
  /** Hidden units of the MLP in an interaction block. */
  readonly mlpHidden: number;
  /** g, rows of a rotation; equals embedDim / heads. */
  readonly generatorSize: number;
  /** Channels of the convolutions that encode the previous logits, one less than stages. */
  readonly maskFilters: readonly number[];
  /** Initial eigen learning rate of every nGPT step; nGPT recommends about 1 / number of layers. */
  readonly alphaInit: number;
  /** Initial scale of queries and keys. */
  readonly sQkInit: number;
  /** Initial bias of the head: -5 makes the first masks nearly empty. */
  readonly headBiasInit: number;
  readonly position: PositionKind;
  readonly attention: AttentionKind;
  /** @default "attention", the paper's */
  readonly prompts?: PromptKind;
  /** @default "voxels", the paper's */
  readonly coordinates?: CoordinateKind;
}

/** Encoder stages whose output is a skip; decoder stages; halvings of the resolution: one less than encoder stages. */
export function skipCountOf({ filters }: ModelConfig): number {
  return filters.length - 1;
}

/** Every axis of a grid that the model takes is a multiple of this. */
export function gridMultipleOf(config: ModelConfig): number {
  return 2 ** skipCountOf(config);
}

/**
 * What a model asks of the frames of its grids, for `frameOf`: nothing unless it differs from the paper's.
 *
 * @param spacing  of the image as it is stored, mm along (z, y, x)
 */
export function frameNeeds(config: ModelConfig, spacing: Zyx | undefined): Pick<FrameOptions, "multiple" | "spacing"> {
  const multiple = gridMultipleOf(config);
  return {
    ...(multiple !== gridMultiple && { multiple }),
    ...(config.coordinates === "mm" && spacing !== undefined && { spacing }),
  };
}

/** The same for samples: see `sample`. */
export function sampleNeeds(config: ModelConfig): { readonly multiple?: number; readonly inMillimetres?: boolean } {
  const multiple = gridMultipleOf(config);
  return {
    ...(multiple !== gridMultiple && { multiple }),
    ...(config.coordinates === "mm" && { inMillimetres: true }),
  };
}

/**
 * The same model with one more encoder stage, of twice the channels and as many blocks as the deepest: twice the heads,
 * so that rotations keep their size; one decoder stage and one convolution of the mask encoder more (ENSAM §4.5.1).
 */
export function deepened(config: ModelConfig): ModelConfig {
  const more = (list: readonly number[], factor: number) => [...list, factor * list.at(-1)!];
  return {
    ...config,
    filters: more(config.filters, 2),
    blocksDown: more(config.blocksDown, 1),
    maskFilters: more(config.maskFilters, 2),
    embedDim: 2 * config.embedDim,
    heads: 2 * config.heads,
    mlpHidden: 2 * config.mlpHidden,
  };
}

/**
 * Previous logits, foreground clicks, background clicks, box, place in the box: input channels of the weights that take
 * prompts as maps.
 */
export const mapChannels = 5;

/** Whether prompts are tokens that the image attends to. */
export function hasPromptTokens({ prompts }: ModelConfig): boolean {
  return prompts !== "dense";
}

/** Whether prompts are maps. */
export function hasPromptMaps({ prompts }: ModelConfig): boolean {
  return prompts === "dense" || prompts === "both";
}

export type PresetName = "paper" | "small" | "tiny";

const common = {
  depth: 2,
  alphaInit: 0.05,
  sQkInit: 1,
  headBiasInit: -5,
  position: "liere",
  attention: "ngpt",
} as const;

export const presets: Readonly<Record<PresetName, ModelConfig>> = {
  /** The article's model: 5,504,625 parameters. */
  paper: {
    ...common,
    filters: [16, 32, 64, 128],
    blocksDown: [1, 1, 2, 4],
    embedDim: 128,
    heads: 4,
    mlpHidden: 256,
    generatorSize: 32,
    maskFilters: [16, 32, 64],
  },
  /**
   * Half of the article's channels, so a quarter of its work for a voxel, and two blocks instead of four in the deepest
   * stage, which holds most of the parameters. Heads of 32 channels are kept, so each rotation is as rich.
   */
  small: {
    ...common,
    filters: [8, 16, 32, 64],
    blocksDown: [1, 1, 2, 2],
    embedDim: 64,
    heads: 2,
    mlpHidden: 128,
    generatorSize: 32,
    maskFilters: [8, 16, 32],
  },
  /** A quarter of the article's channels and one block a stage: for tests and first tries on a CPU. */
  tiny: {
    ...common,
    filters: [4, 8, 16, 32],
    blocksDown: [1, 1, 1, 1],
    embedDim: 32,
    heads: 2,
    mlpHidden: 64,
    generatorSize: 16,
    maskFilters: [4, 8, 16],
  },
};

/** Returns the config itself if its numbers fit together, and throws `config: KEY: expected X, got Y` otherwise. */
export function checkConfig(config: ModelConfig): ModelConfig {
  const { filters, embedDim, heads, generatorSize } = config;
  const counts = [
    ...filters,
    ...config.blocksDown,
    ...config.maskFilters,
    embedDim,
    heads,
    config.depth,
    config.mlpHidden,
  ];
  expectThat(
    counts.every((n) => Number.isInteger(n) && n > 0),
    "sizes",
    "positive integers",
    counts.join(", "),
  );
  const stages = filters.length;
  const skips = stages - 1;
  expectThat(stages === 4 || stages === 5, "filters", "4 or 5 numbers", stages);
  expectThat(config.blocksDown.length === stages, "blocksDown", `${stages} numbers`, config.blocksDown.length);
  expectThat(config.maskFilters.length === skips, "maskFilters", `${skips} numbers`, config.maskFilters.length);
  expectThat(embedDim === filters.at(-1), "embedDim", `the deepest filter count, ${filters.at(-1)}`, embedDim);
  expectThat(
    generatorSize * heads === embedDim,
    "generatorSize",
    `embedDim / heads = ${embedDim / heads}`,
    generatorSize,
  );
  expectThat(generatorSize % 2 === 0, "generatorSize", "an even number", generatorSize);
  expectThat(
    ["liere", "rope", "absolute"].includes(config.position),
    "position",
    "liere, rope or absolute",
    config.position,
  );
  expectThat(["ngpt", "standard"].includes(config.attention), "attention", "ngpt or standard", config.attention);
  const prompts = config.prompts ?? "attention";
  expectThat(["attention", "dense", "both"].includes(prompts), "prompts", "attention, dense or both", prompts);
  const coordinates = config.coordinates ?? "voxels";
  expectThat(["voxels", "mm"].includes(coordinates), "coordinates", "voxels or mm", coordinates);
  return config;
}

function expectThat(isMet: boolean, key: string, wanted: string, got: unknown): void {
  if (!isMet) throw new Error(`config: ${key}: expected ${wanted}, got ${String(got)}`);
}
