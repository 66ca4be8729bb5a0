import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { AdamwFactors } from "../ops/adamwUpdate.ts";
import type { NewtonSchulz } from "../ops/orthogonalize.ts";
import type { WasmBackend } from "./backend.ts";
import { floatsPerMicrosecond } from "./channels.ts";
import { orthogonalize } from "./newtonSchulz.ts";
import { register, sizeOf } from "./register.ts";
import { perTask, scaledSum, squaresOf } from "./vectors.ts";

interface MuonAttributes extends NewtonSchulz {
  /** Of the momentum. */
  readonly decay: number;
  /** What is left of the weight, and how far it goes against its direction. */
  readonly kept: number;
  readonly step: number;
}

export function registerOptimizer(): void {
  register<AdamwFactors>("EnsamAdamwUpdate", (backend, inputs, f) => {
    const { weight, gradient, mean, square } = inputs as Record<"weight" | "gradient" | "mean" | "square", TensorInfo>;
    const n = sizeOf(weight.shape);
    const read = [weight, gradient, mean, square].map((tensor) => backend.address(tensor));
    const made = [0, 1, 2].map(() => backend.output(weight.shape));
    const factors = [f.beta1, f.rest1, f.beta2, f.rest2, f.rate, f.correction, f.epsilon, f.kept];
    backend.engine.run({
      kernel: "adamw",
      parameters: [...read, ...made.map(({ address }) => address), n, perTask, ...factors.map((float) => ({ float }))],
      tasks: Math.ceil(n / perTask),
      microseconds: (4 * n) / floatsPerMicrosecond,
    });
    return made;
  });
  register<{ a: number; b: number }>("EnsamScaledSum", (backend, inputs, { a, b }) => {
    const { x, y } = inputs as { x: TensorInfo; y: TensorInfo };
    const sum = backend.output(x.shape);
    scaledSum(backend, [a, backend.address(x)], [b, backend.address(y)], sum.address, sizeOf(x.shape));
    return sum;
  });
  register("EnsamGlobalNorm", (backend, inputs) => {
    const norm = backend.output([]);
    const squares = Object.values(inputs).map((x) => squaresOf(backend, backend.address(x), sizeOf(x.shape)));
    new Float32Array(backend.engine.memory.buffer, norm.address, 1)[0] = Math.sqrt(squares.reduce((a, b) => a + b, 0));
    return norm;
  });
  register<MuonAttributes>("EnsamMuonUpdate", (backend, inputs, attributes) => {
    const tensors = Object.values(inputs);
    const made: TensorInfo[] = [];
    for (let i = 0; i < tensors.length; i += 3) {
      const [weight, gradient, momentum] = tensors.slice(i, i + 3) as [TensorInfo, TensorInfo, TensorInfo];
      made.push(...muonUpdate(backend, weight, gradient, momentum, attributes));
    }
    return made;
  });
}

/** Nesterov's momentum, then a step against the orthogonal matrix that the update leans to. */
function muonUpdate(
  backend: WasmBackend,
  weight: TensorInfo,
  gradient: TensorInfo,
  momentum: TensorInfo,
  { decay, kept, step, ...newtonSchulz }: MuonAttributes,
): [TensorInfo, TensorInfo] {
  const n = sizeOf(weight.shape);
  const rows = weight.shape[0]!;
  const [nextWeight, nextMomentum] = [backend.output(weight.shape), backend.output(weight.shape)];
  const slope = backend.address(gradient);
  scaledSum(backend, [decay, backend.address(momentum)], [1, slope], nextMomentum.address, n);
  backend.borrow(n * 4, (update) => {
    scaledSum(backend, [1, slope], [decay, nextMomentum.address], update, n);
    orthogonalize(backend, update, [rows, n / rows], newtonSchulz);
    scaledSum(backend, [kept, backend.address(weight)], [-step, update], nextWeight.address, n);
  });
  return [nextWeight, nextMomentum];
}
