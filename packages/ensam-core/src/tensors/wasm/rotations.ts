import { register } from "./register.ts";

/** Rough time for one matrix of a size, in microseconds. */
function microsecondsOf(size: number): number {
  return (13 * size ** 3) / 4000;
}

export function registerRotations(): void {
  register("EnsamRotations", (backend, { points, generators }) => {
    const positions = points!.shape[0]!;
    const size = generators!.shape[1]!;
    const addresses = [backend.address(points!), backend.address(generators!)];
    const rotations = backend.output([positions, size, size]);
    const perTask = Math.max(1, Math.min(8, Math.ceil(positions / 64)));
    backend.engine.run({
      kernel: "rotate",
      parameters: [...addresses, rotations.address, positions, size, perTask],
      tasks: Math.ceil(positions / perTask),
      scratchBytes: matrixBytes(size) * 6 + 64,
      microseconds: positions * microsecondsOf(size),
    });
    return rotations;
  });
  register("EnsamRotationsGradient", (backend, { dR, points, generators }) => {
    const positions = points!.shape[0]!;
    const size = generators!.shape[1]!;
    const addresses = [dR, points, generators].map((tensor) => backend.address(tensor!));
    const dGenerators = backend.output([3, size, size]);
    const perTask = Math.max(1, Math.ceil(positions / 64));
    const tasks = Math.ceil(positions / perTask);
    const sums = 3 * size * size;
    backend.borrow(tasks * sums * 8, (partials) => {
      backend.engine.run({
        kernel: "rotateGradient",
        parameters: [...addresses, partials, positions, size, perTask],
        tasks,
        scratchBytes: matrixBytes(size) * 12 + 64,
        microseconds: positions * microsecondsOf(size) * 3,
      });
      backend.engine.run({ kernel: "addDoubles", parameters: [partials, tasks, sums, dGenerators.address], tasks: 1 });
    });
    return dGenerators;
  });
}

/** Bytes of a matrix in doubles with rows of an even length. */
function matrixBytes(size: number): number {
  return size * (size + (size & 1)) * 8;
}
