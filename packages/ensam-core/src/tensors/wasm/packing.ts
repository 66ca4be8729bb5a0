import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { WasmBackend } from "./backend.ts";

/** Weights as the row kernels read them: how a packed matrix is found in a tensor. */
export interface Packing {
  readonly outputs: number;
  /** Floats between two output channels in the tensor. */
  readonly outputStride: number;
  readonly inner: number;
  readonly innerStride: number;
  /** Offsets of the taps, in floats, in the order in which they are read. */
  readonly taps: readonly number[];
  /** Whether a block of four channels is packed for two neighbouring voxels. */
  readonly pairs: boolean;
}

/** Bytes of packed weights. */
export function packedBytes({ outputs, inner, taps, pairs }: Packing): number {
  const whole = outputs & ~15;
  const rest = outputs & 15;
  const widths = rest === 0 ? 0 : rest > 12 ? 16 : rest > 8 ? 12 : rest > 4 ? 8 : 4;
  const narrow = pairs && (widths === 4 || widths === 12) ? 9 * 4 * 8 - taps.length * 4 : 0;
  return ((whole + widths) * taps.length + narrow) * inner * 4;
}

/** Blocks of output channels: 16 wide, the rest 8 and 4 wide (see assembly/blocks.ts). */
export function blockCount(outputs: number): number {
  const rest = outputs & 15;
  return (outputs >> 4) + (rest === 0 ? 0 : rest > 8 && rest <= 12 ? 2 : 1);
}

/** Packs a matrix or filter that starts at an address. */
export function pack(backend: WasmBackend, source: number, target: number, packing: Packing): void {
  const { outputs, outputStride, inner, innerStride, taps, pairs } = packing;
  backend.engine.run({
    kernel: "packWeights",
    parameters: [source, target, outputs, outputStride, inner, innerStride, taps.length, pairs ? 1 : 0, ...taps],
    tasks: blockCount(outputs),
    microseconds: (outputs * inner * taps.length) / 500,
  });
}

/** Packed weights of a tensor, made once and kept as long as the tensor. */
export function packed(backend: WasmBackend, weight: TensorInfo, name: string, from: number, packing: Packing): number {
  const source = backend.address(weight) + from * 4;
  return backend.derivedMemory(weight, name, packedBytes(packing), (target) => pack(backend, source, target, packing));
}
