/// <reference types="@webgpu/types" />
import { mebibytes, OutOfMemory } from "../../outOfMemory.ts";
import { type Program, type Split, shaderOf } from "./program.ts";

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The compiled programs of a device. */
export interface Pipelines {
  /**
   * A program compiled for buffers in so many parts, compiled once. Throws `OutOfMemory` where these are more buffers
   * than a kernel may have.
   *
   * @param parts  of each buffer, in the order of the program's reads and writes
   */
  get(program: Program, parts: readonly number[]): Pipeline;
}

/** @param partBytes  of every part of a buffer but the last */
export function createPipelines(device: GPUDevice, partBytes: number): Pipelines {
  const made = new Map<string, Pipeline>();
  const layouts = new Map<string, { bindGroup: GPUBindGroupLayout; ofPipeline: GPUPipelineLayout }>();
  const { maxStorageBuffersPerShaderStage, maxBindingsPerBindGroup } = device.limits;
  /** One binding is the parameters'. */
  const most = Math.min(maxStorageBuffersPerShaderStage, maxBindingsPerBindGroup - 1);

  /** Programs that read and write as many buffers share a layout, and so bind groups. */
  function layoutOf(reads: number, writes: number) {
    const key = `${reads} ${writes}`;
    const known = layouts.get(key);
    if (known !== undefined) return known;
    const buffers: GPUBufferBindingLayout[] = [
      ...Array.from({ length: reads }, () => ({ type: "read-only-storage" }) as const),
      ...Array.from({ length: writes }, () => ({ type: "storage" }) as const),
      { type: "uniform", hasDynamicOffset: true },
    ];
    const entries = buffers.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer }));
    const bindGroup = device.createBindGroupLayout({ entries });
    const layout = { bindGroup, ofPipeline: device.createPipelineLayout({ bindGroupLayouts: [bindGroup] }) };
    layouts.set(key, layout);
    return layout;
  }

  function compile(program: Program, key: string, split?: Split): Pipeline {
    const known = made.get(key);
    if (known !== undefined) return known;
    const module = device.createShaderModule({ code: shaderOf(program, split), label: key });
    const bindings = (names: readonly string[]) => names.reduce((sum, name) => sum + (split?.parts[name] ?? 1), 0);
    const layout = layoutOf(bindings(Object.keys(program.reads)), bindings(Object.keys(program.writes)));
    const pipeline = device.createComputePipeline({
      layout: layout.ofPipeline,
      compute: { module, entryPoint: "main" },
      label: key,
    });
    const compiled = { pipeline, layout: layout.bindGroup };
    made.set(key, compiled);
    return compiled;
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
