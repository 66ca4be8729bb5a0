import type { ElementType, Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

const threads = 128;

export function registerUpsample(): void {
  register("EnsamUpsample2", (backend, { x }) => {
    const [, z, y, w, channels] = x!.shape as [number, number, number, number, number];
    const output = backend.output([1, 2 * z, 2 * y, 2 * w, channels]);
    const { type, lanes } = lanesOf(channels);
    const count = sizeOf(output.shape) / channels;
    backend.run(
      forward(type),
      { x: x!, y: output },
      { lanes, sizeZ: z, sizeY: y, sizeX: w, count: count * lanes },
      Math.ceil((count * lanes) / threads),
    );
    return output;
  });
  register("EnsamUpsample2Gradient", (backend, { dy }) => {
    const [, z, y, w, channels] = dy!.shape as [number, number, number, number, number];
    const dx = backend.output([1, z / 2, y / 2, w / 2, channels]);
    const { type, lanes } = lanesOf(channels);
    const count = sizeOf(dx.shape) / channels;
    backend.run(
      backward(type),
      { dy: dy!, dx },
      { lanes, sizeZ: z / 2, sizeY: y / 2, sizeX: w / 2, count: count * lanes },
      Math.ceil((count * lanes) / threads),
    );
    return dx;
  });
}

function lanesOf(channels: number): { type: ElementType; lanes: number } {
  return channels % 4 === 0 ? { type: "vec4f", lanes: channels / 4 } : { type: "f32", lanes: channels };
}

const parameters = { lanes: "u32", sizeZ: "u32", sizeY: "u32", sizeX: "u32", count: "u32" } as const;

/** Each output is 3/4 of the voxel it lies in and 1/4 of the nearest neighbour, along every axis. */
const forward = (type: ElementType): Program => ({
  key: `upsample ${type}`,
  reads: { x: type },
  writes: { y: type },
  parameters,
  threads,
  declarations: `
    /** The voxel that an output lies in and its neighbour, the border repeated. */
    fn pair(output: u32, size: u32) -> vec2u {
      let own = output / 2u;
      return vec2u(own, select(max(own, 1u) - 1u, min(own + 1u, size - 1u), output % 2u == 1u));
    }`,
  body: `
    if (index >= p.count) { return; }
    let lane = index % p.lanes;
    let voxel = index / p.lanes;
    let zs = pair(voxel / (4u * p.sizeY * p.sizeX), p.sizeZ);
    let ys = pair(voxel / (2u * p.sizeX) % (2u * p.sizeY), p.sizeY);
    let xs = pair(voxel % (2u * p.sizeX), p.sizeX);
    var sum = ${type}();
    for (var i = 0u; i < 8u; i++) {
      let z = select(zs.x, zs.y, (i & 4u) != 0u);
      let y_ = select(ys.x, ys.y, (i & 2u) != 0u);
      let x_ = select(xs.x, xs.y, (i & 1u) != 0u);
      let weight = 0.421875 / pow(3, f32(countOneBits(i)));
      sum += weight * x[((z * p.sizeY + y_) * p.sizeX + x_) * p.lanes + lane];
    }
    y[index] = sum;`,
});

/** Each voxel takes from the four outputs along every axis that it gave to. */
const backward = (type: ElementType): Program => ({
  key: `upsampleGradient ${type}`,
  reads: { dy: type },
  writes: { dx: type },
  parameters,
  threads,
  declarations: `
    /** Weights of the outputs 2i - 1 to 2i + 2 for voxel i; those beyond the border weigh nothing. */
    fn weights(own: u32, size: u32) -> vec4f {
      let isFirst = own == 0u;
      let isLast = own == size - 1u;
      return vec4f(
        select(0.25, 0, isFirst), select(0.75, 1, isFirst), select(0.75, 1, isLast), select(0.25, 0, isLast));
    }`,
  body: `
    if (index >= p.count) { return; }
    let lane = index % p.lanes;
    let voxel = index / p.lanes;
    let z = voxel / (p.sizeY * p.sizeX);
    let y = voxel / p.sizeX % p.sizeY;
    let x = voxel % p.sizeX;
    let weightsZ = weights(z, p.sizeZ);
    let weightsY = weights(y, p.sizeY);
    let weightsX = weights(x, p.sizeX);
    var sum = ${type}();
    for (var i = 0u; i < 4u; i++) {
      if (weightsZ[i] == 0) { continue; }
      let plane = (2u * z + i - 1u) * 2u * p.sizeY;
      for (var j = 0u; j < 4u; j++) {
        if (weightsY[j] == 0) { continue; }
        let line = (plane + 2u * y + j - 1u) * 2u * p.sizeX;
        for (var k = 0u; k < 4u; k++) {
          if (weightsX[k] == 0) { continue; }
          sum += weightsZ[i] * weightsY[j] * weightsX[k] * dy[(line + 2u * x + k - 1u) * p.lanes + lane];
        }
      }
    }
    dx[index] = sum;`,
});
