import { register, sizeOf } from "./register.ts";

export function registerChannelRmsGelu(): void {
  register("EnsamChannelRmsGelu", (backend, { x }) => {
    const channels = x!.shape.at(-1)!;
    const voxels = sizeOf(x!.shape) / channels;
    const perTask = Math.max(1, Math.floor(8192 / channels));
    const xAt = backend.address(x!);
    const y = backend.output(x!.shape);
    backend.engine.run({
      kernel: "rmsGelu",
      parameters: [xAt, y.address, voxels, channels, perTask],
      tasks: Math.ceil(voxels / perTask),
      scratchBytes: 64,
      microseconds: sizeOf(x!.shape) / 400,
    });
    return y;
  });
  register("EnsamChannelRmsGeluGradient", (backend, { dy, x }) => {
    const channels = x!.shape.at(-1)!;
    const voxels = sizeOf(x!.shape) / channels;
    const perTask = Math.max(1, Math.floor(8192 / channels));
    const addresses = [backend.address(dy!), backend.address(x!)];
    const dx = backend.output(x!.shape);
    backend.engine.run({
      kernel: "rmsGeluBack",
      parameters: [...addresses, dx.address, voxels, channels, perTask],
      tasks: Math.ceil(voxels / perTask),
      scratchBytes: 64,
      microseconds: sizeOf(x!.shape) / 300,
    });
    return dx;
  });
}
