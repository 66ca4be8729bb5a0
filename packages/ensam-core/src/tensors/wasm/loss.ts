import { register, sizeOf } from "./register.ts";

export function registerLoss(): void {
  register("EnsamDiceCrossEntropy", (backend, { logits, target }) => {
    const voxels = sizeOf(logits!.shape);
    const addresses = [backend.address(logits!), backend.address(target!)];
    const parts = backend.output([3]);
    const sums = backend.output([3]);
    const perTask = Math.max(2048, Math.ceil(voxels / 256) * 4);
    const tasks = Math.ceil(voxels / perTask);
    backend.borrow(tasks * 32, (partials) => {
      backend.engine.run({
        kernel: "lossSums",
        parameters: [...addresses, partials, voxels, perTask],
        tasks,
        scratchBytes: 64,
        microseconds: voxels / 150,
      });
      backend.engine.run({
        kernel: "finishLoss",
        parameters: [partials, tasks, voxels, parts.address, sums.address],
        tasks: 1,
      });
    });
    return [parts, sums];
  });
  register("EnsamDiceCrossEntropyGradient", (backend, { dTotal, logits, target, sums }) => {
    const voxels = sizeOf(logits!.shape);
    const addresses = [dTotal, logits, target, sums].map((tensor) => backend.address(tensor!));
    const dLogits = backend.output(logits!.shape);
    const perTask = 4096;
    backend.engine.run({
      kernel: "lossBack",
      parameters: [...addresses, dLogits.address, voxels, perTask],
      tasks: Math.ceil(voxels / perTask),
      scratchBytes: 64,
      microseconds: voxels / 200,
    });
    return dLogits;
  });
}
