import type { NewtonSchulz } from "../../ops/orthogonalize.ts";
import type { GpuBackend, TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";
import { orthogonalize } from "./newtonSchulz.ts";
import { scaledSum } from "./scaledSum.ts";

interface MuonAttributes extends NewtonSchulz {
  /** Of the momentum. */
  readonly decay: number;
  /** What is left of the weight, and how far it goes against its direction. */
  readonly kept: number;
  readonly step: number;
}

/** A parameter with the tensors that its update writes. */
interface Parameter {
  readonly weight: TensorInfo;
  readonly gradient: TensorInfo;
  readonly momentum: TensorInfo;
  readonly nextWeight: TensorInfo;
  readonly nextMomentum: TensorInfo;
}

/** Floats in a stack of matrices at most, so that it fits into one buffer: 64 MiB. */
const mostFloats = 1 << 24;
const threads = 64;

export function registerMuon(): void {
  register<MuonAttributes>("EnsamMuonUpdate", (backend, inputs, attributes) => {
    const tensors = Object.values(inputs);
    const parameters: Parameter[] = [];
    for (let i = 0; i < tensors.length; i += 3) {
      const [weight, gradient, momentum] = tensors.slice(i, i + 3) as [TensorInfo, TensorInfo, TensorInfo];
      const [nextWeight, nextMomentum] = [backend.output(weight.shape), backend.output(weight.shape)];
      parameters.push({ weight, gradient, momentum, nextWeight, nextMomentum });
    }
    for (const stack of stacksOf(parameters)) updateStack(backend, stack, attributes);
    return parameters.flatMap(({ nextWeight, nextMomentum }) => [nextWeight, nextMomentum]);
  });
}

/** The weight as the matrix [out, everything else]. */
function matrixOf({ weight: { shape } }: Pick<Parameter, "weight">): [rows: number, columns: number] {
  return [shape[0]!, sizeOf(shape) / shape[0]!];
}

/** Parameters whose matrices have one shape, in stacks of so many floats at most, but of one parameter at least. */
export function stacksOf<Own extends Pick<Parameter, "weight">>(
  parameters: readonly Own[],
  most = mostFloats,
): Own[][] {
  const open = new Map<string, Own[]>();
  const stacks: Own[][] = [];
  for (const parameter of parameters) {
    const shape = matrixOf(parameter);
    const stack = open.get(shape.join());
    if (stack !== undefined && (stack.length + 1) * sizeOf(shape) <= most) {
      stack.push(parameter);
      continue;
    }
    const begun = [parameter];
    open.set(shape.join(), begun);
    stacks.push(begun);
  }
  return stacks;
}

/** One dispatch per parameter before the matrices of all are orthogonalized together, and one behind. */
function updateStack(backend: GpuBackend, stack: readonly Parameter[], attributes: MuonAttributes): void {
  const { decay, kept, step } = attributes;
  const [rows, columns] = matrixOf(stack[0]!);
  const count = rows * columns;
  const groups = Math.ceil(count / threads);
  backend.borrow(stack.length * count, (updates) => {
    backend.borrow(stack.length * count, (other) => {
      stack.forEach(({ gradient, momentum, nextMomentum }, i) => {
        backend.run(
          nesterov,
          { gradient, momentum, nextMomentum, updates },
          { count, first: i * count, decay },
          groups,
        );
      });
      const directions = orthogonalize(backend, [stack.length, rows, columns], updates, other, attributes);
      stack.forEach(({ weight, nextWeight }, i) => {
        const parameters = { count, yFirst: i * count, a: kept, b: -step };
        backend.run(scaledSum, { x: weight, y: directions, sum: nextWeight }, parameters, groups);
      });
    });
  });
}

/** Nesterov's momentum: what is remembered, and the update that looks one step ahead, written from `first` on. */
const nesterov: Program = {
  key: "nesterov",
  reads: { gradient: "f32", momentum: "f32" },
  writes: { nextMomentum: "f32", updates: "f32" },
  parameters: { count: "u32", first: "u32", decay: "f32" },
  threads,
  body: `
    if (index >= p.count) { return; }
    let slope = gradient[index];
    let moved = p.decay * momentum[index] + slope;
    nextMomentum[index] = moved;
    updates[p.first + index] = slope + p.decay * moved;`,
};
