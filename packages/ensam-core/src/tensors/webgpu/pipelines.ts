/// <reference types="@webgpu/types" />
import { mebibytes, OutOfMemory } from "../outOfMemory.ts";
import { type Program, type Split, shaderOf } from "./program.ts";

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The compiled programs of a device. */
export interface Pipelines {
  /**
   * A program compiled for buffers in so many parts, compiled once. Throws `OutOfMemory` where these are more buffers than a
   * kernel may have.
   *
   * @param parts  of each buffer, in the order of the program's reads and writes
   */
  get(program: Program, parts: readonly number[]): Pipeline;
}

/** @param partBytes  of every part of a buffer but the last */
export function createPipelines(device: GPUDevice, partBytes: number): Pipelines {
  const made = new Map<string, Pipeline>();
  const { maxStorageBuffersPerShaderStage, maxBindingsPerBindGroup } = device.limits;
  /** One binding is the parameters'. */
  const most = Math.min(maxStorageBuffersPerShaderStage, maxBindingsPerBindGroup - 1);

  function compile(program: Program, key: string, split?: Split): Pipeline {
    const known = made.get(key);
    if (known !== undefined) return known;
    const module = device.createShaderModule({ code: shaderOf(program, split), label: key });
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module, entryPoint: "main" },
      label: key,
    });
    const own = { pipeline, layout: pipeline.getBindGroupLayout(0) };
    made.set(key, own);
    return own;
  }

  return {
    get(program, parts) {
      if (parts.every((count) => count === 1)) return compile(program, program.key);
      const names = [...Object.keys(program.reads), ...Object.keys(program.writes)];
      const needed = parts.reduce((sum, count) => sum + count, 0);
      if (needed > most) {
        const list = names.map((name, i) => `${name} in ${parts[i]}`).join(", ");
        throw new OutOfMemory(
          `webgpu: memory: ${program.key}: expected at most ${most} buffers of ${mebibytes(partBytes)} MiB, which are ` +
            `this adapter's limits for one kernel, got ${needed} (${list}): use smaller volumes`,
          { neededBytes: needed * partBytes, limitBytes: most * partBytes },
        );
      }
      const split = { parts: Object.fromEntries(names.map((name, i) => [name, parts[i]!])), partBytes };
      return compile(program, `${program.key} in ${parts.join(" ")} parts`, split);
    },
  };
}
