import { floatsPerMicrosecond } from "./channels.ts";
import { register, sizeOf } from "./register.ts";

export function registerUpsample(): void {
  register("EnsamUpsample2", (backend, { x }) => {
    const [depth, height, width, channels] = x!.shape.slice(1) as [number, number, number, number];
    const xAt = backend.address(x!);
    const y = backend.output([1, depth * 2, height * 2, width * 2, channels]);
    backend.engine.run({
      kernel: "upsample",
      parameters: [xAt, y.address, depth, height, width, channels],
      tasks: depth * 2,
      scratchBytes: width * channels * 4 + 64,
      microseconds: sizeOf(y.shape) / floatsPerMicrosecond,
    });
    return y;
  });
  register("EnsamUpsample2Gradient", (backend, { dy }) => {
    const [depth, height, width] = dy!.shape.slice(1, 4).map((n) => n / 2) as [number, number, number];
    const channels = dy!.shape[4]!;
    const dyAt = backend.address(dy!);
    const dx = backend.output([1, depth, height, width, channels]);
    backend.engine.run({
      kernel: "upsampleBack",
      parameters: [dyAt, dx.address, depth, height, width, channels],
      tasks: depth,
      scratchBytes: 10 * width * channels * 4 + 64,
      microseconds: (2 * sizeOf(dy!.shape)) / floatsPerMicrosecond,
    });
    return dx;
  });
}
