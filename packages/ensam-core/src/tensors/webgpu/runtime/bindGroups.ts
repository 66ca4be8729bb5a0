/// <reference types="@webgpu/types" />
import type { Uniforms } from "./uniforms.ts";

/** Bind groups by what they bind, made once: the pool hands the same buffers out again, step after step. */
export interface BindGroups {
  get(layout: GPUBindGroupLayout, buffers: readonly GPUBuffer[]): GPUBindGroup;
  /** Drops those that bind a buffer which is about to be destroyed. */
  forget(buffer: GPUBuffer): void;
}

/** More than a training step of the largest preset makes; over it, all are dropped. */
const most = 16384;

export function createBindGroups(device: GPUDevice, uniforms: Uniforms): BindGroups {
  const ids = new WeakMap<object, number>();
  const made = new Map<string, GPUBindGroup>();
  const keysOf = new Map<GPUBuffer, string[]>();
  let nextId = 0;

  const idOf = (object: object): number => {
    let id = ids.get(object);
    if (id === undefined) {
      id = nextId++;
      ids.set(object, id);
    }
    return id;
  };

  function make(layout: GPUBindGroupLayout, buffers: readonly GPUBuffer[], key: string): GPUBindGroup {
    if (made.size >= most) {
      made.clear();
      keysOf.clear();
    }
    const parameters = { buffer: uniforms.buffer, size: uniforms.slotBytes };
    const resources = [...buffers.map((buffer) => ({ buffer })), parameters];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const group = device.createBindGroup({ layout, entries });
    made.set(key, group);
    for (const buffer of new Set(buffers)) {
      const keys = keysOf.get(buffer);
      if (keys === undefined) keysOf.set(buffer, [key]);
      else keys.push(key);
    }
    return group;
  }

  return {
    get(layout, buffers) {
      const key = `${idOf(layout)} ${buffers.map(idOf).join()}`;
      return made.get(key) ?? make(layout, buffers, key);
    },
    forget(buffer) {
      for (const key of keysOf.get(buffer) ?? []) made.delete(key);
      keysOf.delete(buffer);
    },
  };
}
