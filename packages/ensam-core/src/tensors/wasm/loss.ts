import { register, sizeOf } from "./register.ts";

export function registerLoss(): void {
  register("EnsamDiceCrossEntropy", (backend, { logits, target }) => {
    const voxels = sizeOf(logits!.shape);
    const addresses = [backend.address(logits!), backend.address(target!)];
    const parts = backend.output([3]);
    const sums = backend.output([3]);
    const tasks = Math.max(1, Math.min(64, Math.floor(voxels / 2048)));
    backend.borrow(tasks * 32, (partials) => {
      backend.engine.run({
        kernel: "lossSums",
        parameters: [...addresses, partials, voxels, tasks],
        tasks,
        microseconds: voxels / 30,
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
      microseconds: voxels / 60,
    });
    return dLogits;
  });
}
