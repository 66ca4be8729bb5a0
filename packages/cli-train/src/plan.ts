import { type Context, deviceSettings, exitCodes, UsageError } from "@ensam/core/command";
import { costs, gridMultipleOf, parameterCounts, recomputedCosts, stepMemory, totalCosts } from "@ensam/core/model";
import { openDevice } from "@ensam/core/tensors";
import { versions } from "./machine.ts";
import type { TrainOptions } from "./options.ts";
import { configOf } from "./settings.ts";
import { measureSpeed } from "./speed.ts";

/** The paper's largest training volume. */
const defaultShape: Shape = [256, 128, 128];
/** Five clicks and a box's two corners. */
const mostPromptTokens = 7;

type Shape = readonly [number, number, number];

/** Prints one row: what the model is and what a training step on a volume costs here. */
export async function planCommand(context: Context<TrainOptions>): Promise<number> {
  const { options } = context;
  const config = configOf(options);
  const shape = shapeOf(options.shape, gridMultipleOf(config));
  const parameters = parameterCounts(config);
  const table = costs(config, shape, mostPromptTokens);
  const pass = totalCosts(table);
  const rounds = options.clicks + 1;
  // Forward once and backward twice: for the inputs and for the weights.
  const again = options.recompute ? recomputedCosts(config, shape) : 0;
  const step =
    again + 3 * (pass.encoder + rounds * (pass.decoder + pass.interaction) + options.clicks * pass.mask_encoder);
  const device = await openDevice(options.device, deviceSettings(options));
  context.note(`device: ${device.description}`);
  try {
    const operationsPerSecond = await measureSpeed(config);
    const row = {
      type: "plan",
      preset: options.preset,
      shape,
      parameters,
      multiplyAccumulates: {
        ...pass,
        parts: table,
        encoderAndDecoder: pass.encoder + pass.decoder,
        trainingSample: step,
      },
      memoryBytes: stepMemory(config, shape, options),
      memoryBytesWithRecompute: stepMemory(config, shape, { recompute: true }),
      device: device.description,
      measuredPerSecond: operationsPerSecond,
      secondsPerSample: step / operationsPerSecond,
      versions: versions(),
    };
    await context.rows.writeText(`${JSON.stringify(row)}\n`);
    return exitCodes.done;
  } finally {
    device.dispose();
  }
}

function shapeOf(sizes: readonly number[] | undefined, gridMultiple: number): Shape {
  if (sizes === undefined) return defaultShape;
  const isShape = sizes.length === 3 && sizes.every((size) => size > 0 && size % gridMultiple === 0);
  if (!isShape) {
    throw new UsageError(
      `--shape: expected three multiples of ${gridMultiple} such as 64,64,64, got ${sizes.join(",")}`,
    );
  }
  return sizes as unknown as Shape;
}
