/// <reference types="@webgpu/types" />

/** Parameters of dispatches, in one buffer that they bind at an offset. */
export interface Uniforms {
  readonly buffer: GPUBuffer;
  /** Bytes that a dispatch binds. */
  readonly slotBytes: number;
  /**
   * Takes a dispatch's parameters, at most `slotBytes`; returns their offset, or undefined where `send` has to come
   * first.
   */
  add(bytes: ArrayBuffer): number | undefined;
  /** Writes what was taken since the last time; what uses it is to be submitted next. */
  send(): void;
}

const slots = 1024;

/**
 * A ring: a slot is written again when all others were, by commands that come behind those that used it. So there is
 * one write for a submission, and no buffer for a dispatch.
 */
export function createUniforms(device: GPUDevice): Uniforms {
  const slotBytes = Math.max(256, device.limits.minUniformBufferOffsetAlignment);
  const bytes = new Uint8Array(slots * slotBytes);
  const buffer = device.createBuffer({
    size: bytes.length,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    label: "uniforms",
  });
  let [sent, next] = [0, 0];
  return {
    buffer,
    slotBytes,
    add(values) {
      if (values.byteLength > slotBytes) {
        throw new Error(`webgpu: parameters: expected at most ${slotBytes} bytes, got ${values.byteLength}`);
      }
      if (next === slots) {
        if (sent < next) return undefined;
        [sent, next] = [0, 0];
      }
      const offset = next++ * slotBytes;
      bytes.set(new Uint8Array(values), offset);
      return offset;
    },
    send() {
      if (next > sent)
        device.queue.writeBuffer(buffer, sent * slotBytes, bytes, sent * slotBytes, (next - sent) * slotBytes);
      sent = next;
    },
  };
}
