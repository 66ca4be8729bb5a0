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
  type TokenPrompts,
  totalCosts,
  unitAxes,
} from "@ensam/core/model";
import { disposeTensors, normalizeWeights, type OptimizerState, optimizer } from "@ensam/core/optim";
import { tf } from "@ensam/core/tensors";
import { gradientOfInteractions } from "@ensam/core/training";
import { randomStream, type Zyx } from "@ensam/core/voxels";
import { type KernelTimes, timeKernels } from "./benchKernels.ts";
import { type Measured, measure, measureAsync } from "./benchTiming.ts";

export type StepPart = "encoder" | "interaction" | "training step";

export interface StepRow {
  type: "step";
  device: string;
  threads: number;
  preset: PresetName;
  shape: Zyx;
  part: StepPart;
  seconds: number;
  fastest: number;
  slowest: number;
  gflops: number;
  /** Most bytes of tensors at once. */
  peakHeapBytes: number;
}

export interface ShareRow {
  type: "share";
  device: string;
  threads: number;
  preset: PresetName;
  shape: Zyx;
  part: StepPart;
  kernel: string;
  calls: number;
  seconds: number;
  share: number;
}

export interface StepCase {
  device: string;
  threads: number;
  preset: PresetName;
  size: number;
  repeat: number;
  parts: readonly StepPart[];
}

/** Interactions of a training step: the box, then five clicks. */
const rounds = 6;

/** Times the parts of a model on the current device: the encoder, an interaction with 7 prompt tokens, a training step. */
export async function* benchSteps({
  device,
  threads,
  preset,
  size,
  repeat,
  parts,
}: StepCase): AsyncGenerator<StepRow | ShareRow> {
  const config = presets[preset];
  const shape: Zyx = [size, size, size];
  const head = { device, threads, preset, shape };
  const values = initParameters(config, randomStream(1, "bench"));
  const random = randomStream(1, "volume");
  const volume = Float32Array.from({ length: size ** 3 }, () => random.float());
  const macs = totalCosts(costs(config, shape, 7));
  const macsOfInteraction = macs.mask_encoder + macs.interaction + macs.decoder;
  let parameters = parametersFromValues(config, values);

  const row = (part: StepPart, { median, fastest, slowest }: Measured, count: number): StepRow => ({
    type: "step",
    ...head,
    part,
    seconds: median,
    fastest,
    slowest,
    gflops: (2 * count) / median / 1e9,
    peakHeapBytes: heapPeak(),
  });
  const shares = function* (part: StepPart, times: KernelTimes): Generator<ShareRow> {
    const isConvolution = (kernel: string) => kernel.startsWith("EnsamConv3d");
    const rest = { calls: 0, seconds: 0 };
    for (const [kernel, { calls, seconds }] of times.kernels) {
      yield { type: "share", ...head, part, kernel, calls, seconds, share: seconds / times.seconds };
      if (isConvolution(kernel)) continue;
      rest.calls += calls;
      rest.seconds += seconds;
    }
    yield { type: "share", ...head, part, kernel: "all but convolution", ...rest, share: rest.seconds / times.seconds };
  };

  if (parts.includes("encoder")) {
    const run = () => tf.dispose(encodedTensors(encodeOn(parameters)));
    resetHeapPeak();
    yield row("encoder", measure(run, repeat), macs.encoder);
    yield* shares("encoder", await timeKernels(run));
  }
  if (parts.includes("interaction")) {
    const encoded = encodeOn(parameters);
    const previous = decode(parameters, config, encoded, promptsOf(size, 0));
    const run = () => decode(parameters, config, encoded, promptsOf(size, rounds - 1), previous).dispose();
    resetHeapPeak();
    yield row("interaction", measure(run, repeat), macsOfInteraction);
    yield* shares("interaction", await timeKernels(run));
    tf.dispose([previous, ...encodedTensors(encoded)]);
  }
  if (parts.includes("training step")) {
    const { init, update } = optimizer({ grouping: "default" });
    let state: OptimizerState = init(parameters);
    const axes = unitAxes(config);
    const input = { volume, target: cube(size), shape };
    const run = async () => {
      const { gradients } = await gradientOfInteractions(parameters, config, input, rounds, (round) =>
        promptsOf(size, round),
      );
      const next = update(parameters, gradients, state, 2e-3);
      const normalized = normalizeWeights(next.parameters, axes);
      for (const record of [parameters, next.parameters, state.tensors, gradients]) disposeTensors(record);
      [parameters, state] = [normalized, next.state];
    };
    resetHeapPeak();
    const count = 3 * (macs.encoder + rounds * macsOfInteraction - macs.mask_encoder);
    yield row("training step", await measureAsync(run, repeat), count);
    yield* shares("training step", await timeKernels(run));
    disposeTensors(state.tensors);
  }
  disposeTensors(parameters);

  function encodeOn(own: Parameters): Encoded {
    const input = tf.tensor5d(volume, [1, size, size, size, 1]);
    const encoded = encode(own, config, input);
    input.dispose();
    return encoded;
  }
}

interface HeapOfWasm {
  engine?: { heap: { resetPeak(): void } };
}

/** Most bytes of tensors at once since `resetHeapPeak`; 0 on a device that does not count them. */
function heapPeak(): number {
  return (tf.memory() as { peakHeapBytes?: number }).peakHeapBytes ?? 0;
}

function resetHeapPeak(): void {
  (tf.backend() as HeapOfWasm).engine?.heap.resetPeak();
}

/** The box and the first clicks, as in bench-torch.py. */
function promptsOf(size: number, clicks: number): TokenPrompts {
  const low = Math.floor(size / 4);
  const high = Math.floor((3 * size) / 4) - 1;
  return {
    box: { low: [low, low, low], high: [high, high, high] },
    clicks: Array.from({ length: clicks }, (_, i) => {
      const at = Math.floor((size * (i + 2)) / 8);
      return { at: [at, at, at], foreground: i % 2 === 0 };
    }),
  };
}

/** A target: the cube in the middle half. */
function cube(size: number): Uint8Array {
  const inside = (i: number) => i >= Math.floor(size / 4) && i < Math.floor((3 * size) / 4);
  return Uint8Array.from({ length: size ** 3 }, (_, i) => {
    const [z, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    return inside(z) && inside(y) && inside(x) ? 1 : 0;
  });
}
