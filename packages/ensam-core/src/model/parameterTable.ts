import { hasPromptMaps, hasPromptTokens, type ModelConfig, mapChannels, skipCountOf } from "./config.ts";

/** How a tensor starts. `deviation` and bounds are those before normalisation along `unitAxis`. */
export type Initial =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly deviation: number };

export interface ParameterRow {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** The axis along which vectors have unit length, at the start and after every optimizer step: 1 rows, 0 columns. */
  readonly unitAxis?: 0 | 1;
}

/** Every tensor of the model, with the names and layouts of PyTorch, in a fixed order: component by component. */
export function parameterTable(config: ModelConfig): ParameterRow[] {
  return [
    ...encoderRows(config),
    ...maskEncoderRows(config),
    ...(hasPromptTokens(config) ? tokenRows(config) : []),
    ...decoderRows(config),
    ...(hasPromptMaps(config) ? [convRow("decoder.prompts", mapChannels, config.filters[0]!, 3)] : []),
  ];
}

/** By name, the axis along which a tensor's vectors are kept at unit length; tensors without one are not listed. */
export function unitAxes(config: ModelConfig): Record<string, 0 | 1> {
  const rows = parameterTable(config).filter((row) => row.unitAxis !== undefined);
  return Object.fromEntries(rows.map((row) => [row.name, row.unitAxis!]));
}

/** Number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function tokenRows(config: ModelConfig): ParameterRow[] {
  return [
    ...promptEncoderRows(config),
    ...positionRows(config),
    ...Array.from({ length: config.depth }, (_, b) => blockRows(`interaction.blocks.${b}`, config)).flat(),
  ];
}

function encoderRows(config: ModelConfig): ParameterRow[] {
  const { filters, blocksDown } = config;
  const stages = filters.flatMap((channels, i) =>
    Array.from({ length: blocksDown[i]! }, (_, j) => {
      const block = `encoder.stages.${i}.blocks.${j}`;
      return [
        ...normRows(`${block}.norm1`, channels),
        convRow(`${block}.conv1`, channels, channels, 3),
        ...normRows(`${block}.norm2`, channels),
        convRow(`${block}.conv2`, channels, channels, 3),
      ];
    }).flat(),
  );
  const downs = levels(config).map((i) => convRow(`encoder.downs.${i}`, filters[i]!, filters[i + 1]!, 3));
  return [convRow("encoder.stem", 1, filters[0]!, 3), ...stages, ...downs];
}

function maskEncoderRows(config: ModelConfig): ParameterRow[] {
  const { maskFilters, embedDim } = config;
  const widths = [hasPromptMaps(config) ? mapChannels : 1, ...maskFilters];
  return [
    ...levels(config).flatMap((i) => convWithBiasRows(`mask_encoder.convs.${i}`, widths[i]!, widths[i + 1]!, 2)),
    ...convWithBiasRows("mask_encoder.project", maskFilters.at(-1)!, embedDim, 1),
  ];
}

function promptEncoderRows({ embedDim, attention }: ModelConfig): ParameterRow[] {
  return ["click_embed", "corner_embed"].map((table) => ({
    name: `prompt_encoder.${table}`,
    shape: [2, embedDim],
    initial: { kind: "normal", deviation: 1 },
    ...(attention === "ngpt" ? { unitAxis: 1 } : {}),
  }));
}

function positionRows({ position, generatorSize, embedDim }: ModelConfig): ParameterRow[] {
  const turns: Initial = { kind: "uniform", low: 0, high: 2 * Math.PI };
  switch (position) {
    case "liere":
      return [{ name: "position.generators", shape: [3, generatorSize, generatorSize], initial: turns }];
    case "rope":
      return [{ name: "position.frequencies", shape: [3, generatorSize / 2], initial: turns }];
    case "absolute":
      return [{ name: "position.frequencies", shape: [3, embedDim / 2], initial: { kind: "normal", deviation: 1 } }];
  }
}

function blockRows(block: string, config: ModelConfig): ParameterRow[] {
  return [
    ...attentionRows(`${block}.self_attention`, config, ["norm"]),
    ...attentionRows(`${block}.prompt_to_image`, config, ["norm", "context_norm"]),
    ...mlpRows(`${block}.mlp`, config),
    ...attentionRows(`${block}.image_to_prompt`, config, ["norm", "context_norm"]),
  ];
}

function attentionRows(name: string, config: ModelConfig, norms: string[]): ParameterRow[] {
  const { embedDim: channels, attention } = config;
  const scales = [`${name}.alpha`, `${name}.s_qk`].map((scale) =>
    constantRow(scale, channels, 1 / Math.sqrt(channels)),
  );
  return [
    ...(attention === "ngpt" ? scales : norms.flatMap((norm) => normRows(`${name}.${norm}`, channels))),
    ...["q", "k", "v"].flatMap((layer) => linearRows(`${name}.${layer}`, channels, channels, 1, config)),
    ...linearRows(`${name}.out`, channels, channels, 0, config),
  ];
}

function mlpRows(name: string, config: ModelConfig): ParameterRow[] {
  const { embedDim: channels, mlpHidden, attention } = config;
  const scales = [
    constantRow(`${name}.alpha`, channels, 1 / Math.sqrt(channels)),
    constantRow(`${name}.s_u`, mlpHidden, 1),
  ];
  return [
    ...(attention === "ngpt" ? scales : normRows(`${name}.norm`, channels)),
    ...linearRows(`${name}.up`, channels, mlpHidden, 1, config),
    ...linearRows(`${name}.down`, mlpHidden, channels, 0, config),
  ];
}

function decoderRows(config: ModelConfig): ParameterRow[] {
  const { filters, headBiasInit } = config;
  const deepestFirst = levels(config).reverse();
  const stages = deepestFirst.flatMap((level, i) => {
    const channels = filters[level]!;
    const stage = `decoder.stages.${i}`;
    return [
      ...normRows(`${stage}.norm1`, 3 * channels),
      convRow(`${stage}.conv1`, 3 * channels, channels, 3),
      ...normRows(`${stage}.norm2`, channels),
      convRow(`${stage}.conv2`, channels, channels, 3),
      convRow(`${stage}.shortcut`, 3 * channels, channels, 1),
    ];
  });
  return [...stages, convRow("decoder.head", filters[0]!, 1, 1), constantRow("decoder.head.bias", 1, headBiasInit)];
}

/** Levels of the U-Net that have a skip, the finest first: 0, 1, 2 in the paper's model. */
function levels(config: ModelConfig): number[] {
  return Array.from({ length: skipCountOf(config) }, (_, level) => level);
}

function normRows(name: string, channels: number): ParameterRow[] {
  return [constantRow(`${name}.weight`, channels, 1), constantRow(`${name}.bias`, channels, 0)];
}

/** U(-1/√fanIn, 1/√fanIn), PyTorch's default for convolutions. */
function convRow(name: string, inputs: number, outputs: number, kernel: number): ParameterRow {
  const bound = 1 / Math.sqrt(inputs * kernel ** 3);
  return {
    name: `${name}.weight`,
    shape: [outputs, inputs, kernel, kernel, kernel],
    initial: { kind: "uniform", low: -bound, high: bound },
  };
}

function convWithBiasRows(name: string, inputs: number, outputs: number, kernel: number): ParameterRow[] {
  const weight = convRow(name, inputs, outputs, kernel);
  return [weight, { name: `${name}.bias`, shape: [outputs], initial: weight.initial }];
}

function linearRows(
  name: string,
  inputs: number,
  outputs: number,
  unitAxis: 0 | 1,
  config: ModelConfig,
): ParameterRow[] {
  return [
    {
      name: `${name}.weight`,
      shape: [outputs, inputs],
      initial: { kind: "normal", deviation: 1 / Math.sqrt(config.embedDim) },
      ...(config.attention === "ngpt" ? { unitAxis } : {}),
    },
    constantRow(`${name}.bias`, outputs, 0),
  ];
}

function constantRow(name: string, size: number, value: number): ParameterRow {
  return { name, shape: [size], initial: { kind: "constant", value } };
}
