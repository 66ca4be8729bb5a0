import { unitEpsilon } from "../../constants.ts";
import type { TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

const threads = 64;

export function registerGelu(): void {
  register("EnsamChannelRmsGelu", (backend, { x }) => {
    const y = backend.output(x!.shape);
    const { voxels, channels } = voxelsOf(x!);
    backend.run(forward, { x: x!, y }, { voxels, channels }, Math.ceil(voxels / threads));
    return y;
  });
  register("EnsamChannelRmsGeluGradient", (backend, { dy, x }) => {
    const dx = backend.output(x!.shape);
    const { voxels, channels } = voxelsOf(x!);
    backend.run(backward, { dy: dy!, x: x!, dx }, { voxels, channels }, Math.ceil(voxels / threads));
    return dx;
  });
}

function voxelsOf({ shape }: TensorInfo): { voxels: number; channels: number } {
  const channels = shape.at(-1)!;
  return { voxels: sizeOf(shape) / channels, channels };
}

/** The error function within 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26), and the length of a voxel's channels. */
const declarations = `
  fn erf(x: f32) -> f32 {
    let t = 1 / (1 + 0.3275911 * abs(x));
    let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return sign(x) * (1 - series * exp(-x * x));
  }
  fn lengthAt(first: u32) -> f32 {
    var squares = 0.0;
    for (var c = 0u; c < p.channels; c++) { squares += x[first + c] * x[first + c]; }
    return sqrt(squares);
  }`;

const forward: Program = {
  key: "channelRmsGelu",
  reads: { x: "f32" },
  writes: { y: "f32" },
  parameters: { voxels: "u32", channels: "u32" },
  threads,
  declarations,
  body: `
    if (index >= p.voxels) { return; }
    let first = index * p.channels;
    let scale = sqrt(f32(p.channels)) / (lengthAt(first) + ${unitEpsilon});
    for (var c = 0u; c < p.channels; c++) {
      let scaled = x[first + c] * scale;
      y[first + c] = 0.5 * scaled * (1 + erf(scaled * ${Math.SQRT1_2}));
    }`,
};

const backward: Program = {
  key: "channelRmsGeluGradient",
  reads: { dy: "f32", x: "f32" },
  writes: { dx: "f32" },
  parameters: { voxels: "u32", channels: "u32" },
  threads,
  declarations: `${declarations}
    fn inner(at: u32, scale: f32) -> f32 {
      let scaled = x[at] * scale;
      let slope = 0.5 * (1 + erf(scaled * ${Math.SQRT1_2})) + scaled * exp(-0.5 * scaled * scaled) * ${1 / Math.sqrt(2 * Math.PI)};
      return dy[at] * slope;
    }`,
  body: `
    if (index >= p.voxels) { return; }
    let first = index * p.channels;
    let size = lengthAt(first);
    let root = sqrt(f32(p.channels));
    let scale = root / (size + ${unitEpsilon});
    var along = 0.0;
    for (var c = 0u; c < p.channels; c++) { along += x[first + c] * inner(first + c, scale); }
    let back = select(0.0, along / (size * (size + ${unitEpsilon}) * (size + ${unitEpsilon})), size > 0);
    for (var c = 0u; c < p.channels; c++) {
      dx[first + c] = inner(first + c, scale) * scale - root * x[first + c] * back;
    }`,
};
