import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";

export interface LoadedKernels {
  readonly module: WebAssembly.Module;
  /** Whether products and sums are fused (relaxed SIMD). */
  readonly relaxed: boolean;
}

/**
 * The compiled kernels: the relaxed-SIMD build where the runtime can have it, else the plain one.
 *
 * @param build  which one to take; the best if absent
 */
export async function loadKernels(build?: "plain" | "relaxed"): Promise<LoadedKernels> {
  if (build !== "plain") {
    const bytes = await readBuild("kernels-relaxed.wasm");
    if (!WebAssembly.validate(bytes)) {
      // Node 20 has relaxed SIMD behind a flag; from 22 on it is there.
      setFlagsFromString("--experimental-wasm-relaxed-simd");
    }
    if (WebAssembly.validate(bytes)) return { module: await WebAssembly.compile(bytes), relaxed: true };
  }
  return { module: await WebAssembly.compile(await readBuild("kernels.wasm")), relaxed: false };
}

async function readBuild(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(`../../../wasm/${file}`, import.meta.url)));
}
