import type { Prompts } from "@ensam/core/geometry";
import {
  costs,
  decode,
  type Encoded,
  encode,
  encodedTensors,
  initParameters,
  type Parameters,
  type PresetName,
  parametersFromValues,
  presets,
  totalCosts,
  unitAxes,
} from "@ensam/core/model";
import { disposeTensors, normalizeWeights, type OptimizerState, optimizer } from "@ensam/core/optim";
import { scriptedUser } from "@ensam/core/prompts";
import { type Device, tf } from "@ensam/core/tensors";
import { gradientOfInteractions } from "@ensam/core/training";
import { randomStream, type Zyx } from "@ensam/core/voxels";
import { type KernelTimes, timeKernels } from "./benchKernels.ts";
import type { Head, ShareRow, StepPart, StepRow } from "./benchRows.ts";
import { type Measured, measure, type Timing } from "./benchTiming.ts";

export interface StepCase {
  preset: PresetName;
  /** Multiples of 8. */
  shape: Zyx;
  parts: readonly StepPart[];
}

/** Interactions of a training step: the box, then five clicks. */
const rounds = 6;

/**
 * Times the parts of a model on the device, which must be current: the encoder, an interaction with 7 prompt tokens, a
 * training step (box, five clicks, all gradients, optimizer). Kernels' shares come with them where kernels run when
 * they are called.
 */
export async function* benchSteps(
  head: Head,
  device: Device,
  { preset, shape, parts }: StepCase,
  timing: Timing,
): AsyncGenerator<StepRow | ShareRow> {
  const config = presets[preset];
  const values = initParameters(config, randomStream(1, "bench"));
  const volume = randomVolume(shape);
  const macs = totalCosts(costs(config, shape, 7));
  const macsOfInteraction = macs.mask_encoder + macs.interaction + macs.decoder;
  let parameters = parametersFromValues(config, values);

  const row = (part: StepPart, { median: seconds, ...times }: Measured, count: number): StepRow => ({
    ...{ type: "step", ...head, preset, shape, part, seconds, ...times },
    gflops: (2 * count) / seconds / 1e9,
    peakHeapBytes: (tf.memory() as { peakHeapBytes?: number }).peakHeapBytes ?? 0,
  });
  const shares = async function* (part: StepPart, run: () => unknown): AsyncGenerator<ShareRow> {
    if (device.finished === undefined) yield* shareRows({ ...head, preset, shape, part }, await timeKernels(run));
  };
  const timed = async (run: () => unknown): Promise<Measured> => {
    device.resetPeak?.();
    return measure(run, timing);
  };

  try {
    if (parts.includes("encoder")) {
      const run = () => tf.dispose(encodedTensors(encodeOn(parameters)));
      yield row("encoder", await timed(run), macs.encoder);
      yield* shares("encoder", run);
    }
    if (parts.includes("interaction")) {
      const encoded = encodeOn(parameters);
      const previous = decode(parameters, config, encoded, promptsOf(shape, 0));
      const run = () => decode(parameters, config, encoded, promptsOf(shape, rounds - 1), previous).dispose();
      try {
        yield row("interaction", await timed(run), macsOfInteraction);
        yield* shares("interaction", run);
      } finally {
        tf.dispose([previous, ...encodedTensors(encoded)]);
      }
    }
    if (parts.includes("training step")) {
      const { init, update } = optimizer({ grouping: "hidden" });
      let state: OptimizerState = init(parameters);
      const axes = unitAxes(config);
      const input = { volume, target: cuboid(shape), shape };
      const run = async () => {
        const user = scriptedUser(Array.from({ length: rounds }, (_, round) => promptsOf(shape, round)));
        const { gradients } = await gradientOfInteractions(parameters, config, input, user);
        const next = update(parameters, gradients, state, 2e-3);
        const normalized = normalizeWeights(next.parameters, axes);
        for (const record of [parameters, next.parameters, state.tensors, gradients]) disposeTensors(record);
        [parameters, state] = [normalized, next.state];
      };
      const count = 3 * (macs.encoder + rounds * macsOfInteraction - macs.mask_encoder);
      try {
        yield row("training step", await timed(run), count);
        yield* shares("training step", run);
      } finally {
        disposeTensors(state.tensors);
      }
    }
  } finally {
    disposeTensors(parameters);
  }

  function encodeOn(copies: Parameters): Encoded {
    const input = tf.tensor5d(volume, [1, ...shape, 1]);
    const encoded = encode(copies, config, input);
    input.dispose();
    return encoded;
  }
}

function* shareRows(head: Omit<ShareRow, "type" | "kernel" | "calls" | "seconds" | "share">, times: KernelTimes) {
  const rest = { calls: 0, seconds: 0 };
  const row = (kernel: string, { calls, seconds }: typeof rest): ShareRow => ({
    ...{ type: "share", ...head, kernel, calls, seconds },
    share: seconds / times.seconds,
  });
  for (const [kernel, time] of times.kernels) {
    yield row(kernel, time);
    if (/^Ensam(NormRelu)?Conv3d/.test(kernel)) continue;
    rest.calls += time.calls;
    rest.seconds += time.seconds;
  }
  yield row("all but convolution", rest);
}

function randomVolume(shape: Zyx): Float32Array {
  const random = randomStream(1, "volume");
  const volume = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (let i = 0; i < volume.length; i++) volume[i] = random.float();
  return volume;
}

/** The box and the first clicks, as in bench-torch.py. */
function promptsOf(shape: Zyx, clicks: number): Prompts {
  const along = (place: (n: number) => number) => shape.map(place) as unknown as Zyx;
  return {
    box: { min: along(lowEnd), max: along(highEnd) },
    clicks: Array.from({ length: clicks }, (_, i) => ({
      at: along((n) => Math.floor((n * (i + 2)) / 8)),
      foreground: i % 2 === 0,
    })),
  };
}

/** A target: the middle half along each axis. */
function cuboid(shape: Zyx): Uint8Array {
  const [depth, height, width] = shape;
  const target = new Uint8Array(depth * height * width);
  for (let z = lowEnd(depth); z < highEnd(depth); z++) {
    for (let y = lowEnd(height); y < highEnd(height); y++) {
      const row = (z * height + y) * width;
      target.fill(1, row + lowEnd(width), row + highEnd(width));
    }
  }
  return target;
}

const lowEnd = (n: number) => Math.floor(n / 4);
const highEnd = (n: number) => Math.floor((3 * n) / 4);
