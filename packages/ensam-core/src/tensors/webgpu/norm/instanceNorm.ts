import { normEpsilon } from "../../constants.ts";
import type { GpuBackend, TensorInfo } from "../runtime/backend.ts";
import type { ElementType, Program } from "../runtime/program.ts";
import { type Kernel, register, sizeOf } from "../runtime/register.ts";
import { elementwiseParameters, runElementwise, runOverSlabs } from "../runtime/runByParts.ts";
import { type ColumnSums, columnSums, laneOfThread, laneParameters, plainSum, sharesOf } from "./columnSums.ts";

/** Added to the variance. */
const threads = 256;

export function registerInstanceNorm(): void {
  register("EnsamChannelSum", (backend, { x }) => {
    const channels = x!.shape.at(-1)!;
    const sum = backend.output([channels]);
    columnSums(backend, plainSum, { x: x! }, sizeOf(x!.shape) / channels, channels, sum);
    return sum;
  });
  register("EnsamInstanceNormRelu", instanceNormRelu);
  register("EnsamInstanceNormReluGradient", instanceNormReluGradient);
}

const instanceNormRelu: Kernel = (backend, inputs) => {
  const { x, gain, shift } = inputs as Record<"x" | "gain" | "shift", TensorInfo>;
  const channels = x.shape.at(-1)!;
  const y = backend.output(x.shape);
  // A second row holds what the rounded means lack: far from zero, a float is too coarse for a small deviation.
  const mean = backend.output([2, channels]);
  const inverse = backend.output([channels]);
  const { type, count, lanes } = lanesOf(x.shape);
  moments(backend, x, mean, inverse);
  runElementwise(backend, normalize(type), { x, y }, { mean, inverse, gain, shift }, { lanes }, count);
  return [y, mean, inverse];
};

/**
 * Mean and inverse deviation of each channel, from the moments of slabs joined pairwise (Chan, Golub and LeVeque 1979).
 */
function moments(backend: GpuBackend, x: TensorInfo, mean: TensorInfo, inverse: TensorInfo): void {
  const channels = x.shape.at(-1)!;
  const rows = sizeOf(x.shape) / channels;
  const { width, lanes, blockLanes, blocks, strands, perSlab, slabs } = sharesOf(rows, channels);
  const type = width === 4 ? "vec4f" : "f32";
  backend.borrow(slabs * 3 * channels, (partials) => {
    const parameters = { rows, lanes, blockLanes, strands, perSlab };
    const reference = { parts: backend.partsOf(x).slice(0, 1) };
    const shares = { rows, lanes, perSlab, slabs, blocks };
    runOverSlabs(backend, slabMoments(type), { x }, { reference, partials }, parameters, shares);
    backend.run(joinMoments(type), { reference, partials, mean, inverse }, { slabs, lanes }, lanes);
  });
}

/** How a map is read: vectors of 4 where its channels come in fours. */
function lanesOf(shape: readonly number[]): { type: "vec4f" | "f32"; count: number; lanes: number } {
  const channels = shape.at(-1)!;
  const width = channels % 4 === 0 ? 4 : 1;
  return { type: width === 4 ? "vec4f" : "f32", count: sizeOf(shape) / width, lanes: channels / width };
}

/** Count, mean and sum of squared deviations of two samples together. */
const join = (type: ElementType) => `
  alias Value = ${type};
  struct Moments { count: f32, mean: Value, squares: Value }
  fn joined(a: Moments, b: Moments) -> Moments {
    let count = a.count + b.count;
    if (count == 0) { return a; }
    let step = b.mean - a.mean;
    let part = b.count / count;
    return Moments(count, a.mean + step * part, a.squares + b.squares + step * step * (a.count * part));
  }`;

/**
 * Moments of each slab, of the differences to the first voxel (`reference`): small where the values are far from zero.
 */
const slabMoments = (type: ElementType): Program => ({
  key: `slabMoments ${type}`,
  reads: { x: type, reference: type },
  writes: { partials: type },
  parameters: laneParameters,
  threads,
  declarations: `${join(type)}
    var<workgroup> counts: array<f32, ${threads}>;
    var<workgroup> means: array<Value, ${threads}>;
    var<workgroup> squares: array<Value, ${threads}>;`,
  body: `
    ${laneOfThread}
    var own = Moments();
    if (isUsed) {
      let first = reference[lane];
      for (var row = start + strand; row < end; row += p.strands) {
        let value = x[row * p.lanes + lane - p.before] - first;
        let step = value - own.mean;
        own.count += 1;
        own.mean += step / own.count;
        own.squares += step * (value - own.mean);
      }
    }
    counts[local] = own.count;
    means[local] = own.mean;
    squares[local] = own.squares;
    workgroupBarrier();
    for (var half = p.strands / 2u; half > 0u; half /= 2u) {
      if (strand < half) {
        let other = local + half * p.blockLanes;
        own = joined(own, Moments(counts[other], means[other], squares[other]));
        counts[local] = own.count;
        means[local] = own.mean;
        squares[local] = own.squares;
      }
      workgroupBarrier();
    }
    if (strand == 0u && lane < p.lanes) {
      let at = slab * 3u * p.lanes + lane;
      partials[at] = Value(own.count);
      partials[at + p.lanes] = own.mean;
      partials[at + 2u * p.lanes] = own.squares;
    }`,
});

const joinMoments = (type: ElementType): Program => ({
  key: `joinMoments ${type}`,
  reads: { reference: type, partials: type },
  writes: { mean: type, inverse: type },
  parameters: { slabs: "u32", lanes: "u32" },
  threads: 64,
  declarations: `${join(type)}
    var<workgroup> counts: array<f32, 64>;
    var<workgroup> means: array<Value, 64>;
    var<workgroup> squares: array<Value, 64>;
    fn countOf(value: Value) -> f32 { return ${type === "vec4f" ? "value.x" : "value"}; }`,
  body: `
    let lane = group.y * groups.x + group.x;
    if (lane >= p.lanes) { return; }
    var own = Moments();
    for (var slab = local; slab < p.slabs; slab += 64u) {
      let at = slab * 3u * p.lanes + lane;
      own = joined(own, Moments(countOf(partials[at]), partials[at + p.lanes], partials[at + 2u * p.lanes]));
    }
    counts[local] = own.count;
    means[local] = own.mean;
    squares[local] = own.squares;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half /= 2u) {
      if (local < half) {
        let other = local + half;
        own = joined(own, Moments(counts[other], means[other], squares[other]));
        counts[local] = own.count;
        means[local] = own.mean;
        squares[local] = own.squares;
      }
      workgroupBarrier();
    }
    if (local == 0u) {
      let rounded = reference[lane] + own.mean;
      mean[lane] = rounded;
      mean[p.lanes + lane] = (reference[lane] - rounded) + own.mean;
      inverse[lane] = Value(1) / sqrt(own.squares / own.count + Value(${normEpsilon}));
    }`,
});

const normalize = (type: ElementType): Program => ({
  key: `normalizeRelu ${type}`,
  reads: { x: type, mean: type, inverse: type, gain: type, shift: type },
  writes: { y: type },
  parameters: { ...elementwiseParameters, lanes: "u32" },
  threads,
  body: `
    if (index >= p.count) { return; }
    let lane = (p.first + index) % p.lanes;
    let centred = (x[index] - mean[lane]) - mean[p.lanes + lane];
    y[index] = max(centred * (inverse[lane] * gain[lane]) + shift[lane], ${type}());`,
});

const instanceNormReluGradient: Kernel = (backend, inputs) => {
  const { dy, x, gain, shift, mean, inverseDeviation: inverse } = inputs as Record<string, TensorInfo>;
  const channels = x!.shape.at(-1)!;
  const rows = sizeOf(x!.shape) / channels;
  const dx = backend.output(x!.shape);
  const dGain = backend.output([channels]);
  const dShift = backend.output([channels]);
  const { type, count, lanes } = lanesOf(x!.shape);
  const reads = { dy: dy!, x: x!, mean: mean!, inverse: inverse!, gain: gain!, shift: shift! };
  backend.borrow(2 * channels, (sums) => {
    columnSums(backend, gradientSums, reads, rows, channels, sums);
    backend.run(splitSums, { sums, dShift, dGain }, { channels }, Math.ceil(channels / 64));
  });
  const others = { ...reads, dGain, dShift };
  runElementwise(backend, gradient(type), { dy: dy!, x: x!, dx }, others, { lanes, perVoxel: 1 / rows }, count);
  return [dx, dGain, dShift];
};

/** Normalised value and the gradient behind the ReLU, of a row and lane. */
const normalized = `
  let normal = ((x[at] - mean[lane]) - mean[p.lanes + lane]) * inverse[lane];
  let back = select(Value(), dy[at], normal * gain[lane] + shift[lane] > Value());`;

const gradientSums: ColumnSums = {
  key: "instanceNormGradient",
  count: 2,
  maps: ["dy", "x"],
  vectors: ["mean", "inverse", "gain", "shift"],
  code: `${normalized}
    sum0 += back;
    sum1 += back * normal;`,
};

const splitSums: Program = {
  key: "splitSums",
  reads: { sums: "f32" },
  writes: { dShift: "f32", dGain: "f32" },
  parameters: { channels: "u32" },
  threads: 64,
  body: `
    if (index >= p.channels) { return; }
    dShift[index] = sums[index];
    dGain[index] = sums[p.channels + index];`,
};

const gradient = (type: ElementType): Program => ({
  key: `normalizeReluGradient ${type}`,
  reads: {
    dy: type,
    x: type,
    mean: type,
    inverse: type,
    gain: type,
    shift: type,
    dGain: type,
    dShift: type,
  },
  writes: { dx: type },
  parameters: { ...elementwiseParameters, lanes: "u32", perVoxel: "f32" },
  threads,
  declarations: `alias Value = ${type};`,
  body: `
    if (index >= p.count) { return; }
    let at = index;
    let lane = (p.first + index) % p.lanes;
    ${normalized}
    let others = (dShift[lane] + normal * dGain[lane]) * p.perVoxel;
    dx[index] = gain[lane] * inverse[lane] * (back - others);`,
});
