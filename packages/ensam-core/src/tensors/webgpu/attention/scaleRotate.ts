import { unitEpsilon } from "../../constants.ts";
import { columnSums, plainSum } from "../norm/columnSums.ts";
import type { TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { type Kernel, register } from "../runtime/register.ts";

export function registerScaleRotate(): void {
  register<{ heads: number }>("EnsamScaleRotate", scaleRotate);
  register<{ heads: number }>("EnsamScaleRotateGradient", scaleRotateGradient);
}

const scaleRotate: Kernel<{ heads: number }> = (backend, inputs, { heads }) => {
  const { x, scale, rotations } = inputs as Record<"x" | "scale" | "rotations", TensorInfo>;
  const [rows, channels] = x.shape as [number, number];
  const y = backend.output(x.shape);
  backend.run(
    forward(channels, heads),
    { x, scale, rotations, y },
    { rows, channels, heads, size: channels / heads },
    rows,
  );
  return y;
};

const scaleRotateGradient: Kernel<{ heads: number }> = (backend, inputs, { heads }) => {
  const { dy, x, scale, rotations } = inputs as Record<"dy" | "x" | "scale" | "rotations", TensorInfo>;
  const [rows, channels] = x.shape as [number, number];
  const dx = backend.output(x.shape);
  const dScale = backend.output([channels]);
  const dRotations = backend.output(rotations.shape);
  backend.borrow(rows * channels, (shares) => {
    backend.run(
      backward(channels, heads),
      { dy, x, scale, rotations, dx, dRotations, shares },
      { rows, channels, heads, size: channels / heads },
      rows,
    );
    columnSums(backend, plainSum, { x: shares }, rows, channels, dScale);
  });
  return [dx, dScale, dRotations];
};

const parameters = { rows: "u32", channels: "u32", heads: "u32", size: "u32" } as const;

/** Puts each head's unit vectors into `units` and their lengths into `lengths`. */
const loadUnits = `
  let row = group.y * groups.x + group.x;
  if (row >= p.rows) { return; }
  let first = row * p.channels;
  let matrix = row * p.size * p.size;
  for (var c = local; c < p.channels; c += 64u) { units[c] = x[first + c]; }
  workgroupBarrier();
  for (var head = local; head < p.heads; head += 64u) {
    var squares = 0.0;
    for (var i = 0u; i < p.size; i++) { squares += units[head * p.size + i] * units[head * p.size + i]; }
    lengths[head] = sqrt(squares);
  }
  workgroupBarrier();
  for (var c = local; c < p.channels; c += 64u) { units[c] /= max(lengths[c / p.size], ${unitEpsilon}); }
  workgroupBarrier();`;

const forward = (channels: number, heads: number): Program => ({
  key: `scaleRotate ${channels} ${heads}`,
  reads: { x: "f32", scale: "f32", rotations: "f32" },
  writes: { y: "f32" },
  parameters,
  threads: 64,
  declarations: `
    var<workgroup> units: array<f32, ${channels}>;
    var<workgroup> lengths: array<f32, ${heads}>;`,
  body: `
    ${loadUnits}
    for (var c = local; c < p.channels; c += 64u) {
      let head = c / p.size * p.size;
      let line = matrix + c % p.size * p.size;
      var sum = 0.0;
      for (var j = 0u; j < p.size; j++) { sum += rotations[line + j] * scale[head + j] * units[head + j]; }
      y[first + c] = sum;
    }`,
});

/** `dx` from the unit vectors' gradients; `shares` are the rows' shares of the scale's. */
const backward = (channels: number, heads: number): Program => ({
  key: `scaleRotateGradient ${channels} ${heads}`,
  reads: { dy: "f32", x: "f32", scale: "f32", rotations: "f32" },
  writes: { dx: "f32", dRotations: "f32", shares: "f32" },
  parameters,
  threads: 64,
  declarations: `
    var<workgroup> units: array<f32, ${channels}>;
    var<workgroup> lengths: array<f32, ${heads}>;
    var<workgroup> along: array<f32, ${heads}>;
    var<workgroup> given: array<f32, ${channels}>;
    var<workgroup> turned: array<f32, ${channels}>;`,
  body: `
    for (var c = local; c < p.channels; c += 64u) { given[c] = dy[min((group.y * groups.x + group.x), p.rows - 1u) * p.channels + c]; }
    ${loadUnits}
    for (var c = local; c < p.channels; c += 64u) {
      let head = c / p.size * p.size;
      var sum = 0.0;
      for (var i = 0u; i < p.size; i++) { sum += rotations[matrix + i * p.size + c % p.size] * given[head + i]; }
      shares[first + c] = sum * units[c];
      turned[c] = sum * scale[c];
    }
    workgroupBarrier();
    for (var head = local; head < p.heads; head += 64u) {
      var sum = 0.0;
      for (var i = 0u; i < p.size; i++) { sum += units[head * p.size + i] * turned[head * p.size + i]; }
      along[head] = select(0, sum, lengths[head] > ${unitEpsilon});
    }
    workgroupBarrier();
    for (var c = local; c < p.channels; c += 64u) {
      let head = c / p.size;
      dx[first + c] = (turned[c] - units[c] * along[head]) / max(lengths[head], ${unitEpsilon});
    }
    for (var cell = local; cell < p.size * p.size; cell += 64u) {
      let i = cell / p.size;
      let j = cell % p.size;
      var sum = 0.0;
      for (var head = 0u; head < p.channels; head += p.size) { sum += given[head + i] * scale[head + j] * units[head + j]; }
      dRotations[matrix + cell] = sum;
    }`,
});
