import { convolution, gaussian, type OperatorCase, operatorCases } from "./operatorCases.ts";
import { attend, attendComposed } from "./ops/attend.ts";
import { diceCrossEntropy, diceCrossEntropyComposed } from "./ops/diceCrossEntropy.ts";
import { instanceNormRelu, instanceNormReluComposed } from "./ops/instanceNormRelu.ts";
import { upsample2, upsample2Composed } from "./ops/upsample2.ts";
import { splitGradient } from "./splitGradient.ts";
import { tf } from "./tf.ts";
import { updateCases } from "./updateCases.ts";

/** How an operator of the current device compares with stock operators on the `cpu` device. */
export interface OperatorCheck {
  readonly operator: string;
  /** Largest error of its value, relative to the largest expected number; null where it could not be computed. */
  readonly valueError: number | null;
  /** The same over the gradients of all its inputs; null also for an operator without gradients. */
  readonly gradientError: number | null;
  readonly passed: boolean;
  /** Why there is no number. */
  readonly failure?: string;
}

/** Largest relative error that passes: room for the rounding of tensor cores, none for a wrong formula. */
export const selfTestTolerance = 2e-3;

/** Errors are relative to the largest expected number, but to no less than this. */
const smallestScale = 1e-2;

/** Sizes that fill the tiles of device kernels, beside the small and odd ones that the operators are tested on. */
const wholeTiles: readonly OperatorCase[] = [
  convolution("of 3, 16 to 16 channels", [5, 6, 19], [16, 16, 3], 1),
  convolution("of 3, 20 to 36 channels at stride 2", [5, 4, 9], [20, 36, 3], 2),
  convolution("of 1, 64 to 32 channels", [3, 5, 7], [64, 32, 1], 1),
  {
    name: "instanceNormRelu of several thousand voxels",
    operator: (x, gain, shift) => instanceNormRelu(x!, gain!, shift!),
    composed: (x, gain, shift) => instanceNormReluComposed(x!, gain!, shift!),
    inputs: () => [gaussian([1, 17, 18, 19, 8], 1), gaussian([8], 2), gaussian([8], 3)],
  },
  {
    name: "upsample2 of 16 channels",
    operator: (x) => upsample2(x!),
    composed: (x) => upsample2Composed(x!),
    inputs: () => [gaussian([1, 5, 6, 7, 16], 1)],
  },
  {
    name: "attend, 70 to 40 of 64 channels",
    operator: (q, k, v) => attend(q!, k!, v!, 4),
    composed: (q, k, v) => attendComposed(q!, k!, v!, 4),
    inputs: () => [gaussian([70, 64], 1, 0.4), gaussian([40, 64], 2, 0.4), gaussian([40, 64], 3)],
  },
  {
    name: "diceCrossEntropy of several thousand voxels",
    operator: (logits) => tf.slice(diceCrossEntropy(logits!, gradedTarget(logits!)), [0], [1]),
    composed: (logits) => tf.slice(diceCrossEntropyComposed(logits!, gradedTarget(logits!)), [0], [1]),
    inputs: () => [gaussian([1, 17, 18, 19, 1], 1, 3)],
  },
];

/** Every third voxel is foreground. */
function gradedTarget({ size, shape }: tf.Tensor): tf.Tensor {
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    shape,
  );
}

/**
 * Compares every operator of the current device, values and gradients, with its composed form on `cpu`. Afterwards the
 * current device is the same as before. Only asynchronous reads are used; an operator that throws counts as failed.
 */
export async function selfTest(
  cases: readonly OperatorCase[] = [...operatorCases, ...wholeTiles, ...updateCases],
): Promise<OperatorCheck[]> {
  const device = tf.getBackend();
  const checks: OperatorCheck[] = [];
  for (const example of cases) {
    try {
      await tf.setBackend("cpu");
      const inputs = await valuesOf(tf.tidy(example.inputs));
      const expected = await evaluate(example, example.composed, inputs);
      await tf.setBackend(device);
      checks.push(compare(example.name, await evaluate(example, example.operator, inputs), expected));
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      checks.push({ operator: example.name, valueError: null, gradientError: null, passed: false, failure });
    } finally {
      await tf.setBackend(device);
    }
  }
  return checks;
}

interface Values {
  readonly shape: number[];
  readonly data: Float32Array;
}

/**
 * Value and gradients, if any, of an operator on the current device; the gradients are those of a sum with fixed
 * weights.
 */
async function evaluate(
  { hasGradients = true }: OperatorCase,
  operator: OperatorCase["operator"],
  inputs: readonly Values[],
): Promise<Values[]> {
  const results = tf.tidy(() => {
    const tensors = inputs.map(({ data, shape }) => tf.tensor(data.slice(), shape, "float32"));
    if (!hasGradients) return [operator(...tensors)];
    const { outputs, backward } = splitGradient(() => [operator(...tensors)], tensors);
    return [outputs[0]!, ...backward([gaussian(outputs[0]!.shape, 9)])];
  });
  return valuesOf(results);
}

/** Reads tensors and frees them. */
async function valuesOf(tensors: tf.Tensor[]): Promise<Values[]> {
  try {
    const data = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
    return tensors.map(({ shape }, i) => ({ shape: shape.slice(), data: data[i]! }));
  } finally {
    tf.dispose(tensors);
  }
}

function compare(operator: string, got: readonly Values[], expected: readonly Values[]): OperatorCheck {
  const errors = expected.map((values, i) => relativeError(got[i]!, values));
  const [valueError, ...gradientErrors] = errors as [number, ...number[]];
  const passed = errors.every((error) => error <= selfTestTolerance);
  const wrong = errors.some((error) => !Number.isFinite(error));
  const gradientError = gradientErrors.length === 0 ? Number.NaN : Math.max(...gradientErrors);
  const [value, gradient] = [valueError, gradientError].map((error) => (Number.isFinite(error) ? error : null));
  const failure = wrong ? { failure: "a wrong shape, or numbers that are not finite" } : {};
  return { operator, valueError: value!, gradientError: gradient!, passed, ...failure };
}

function relativeError(got: Values, expected: Values): number {
  if (!tf.util.arraysEqual(got.shape, expected.shape)) return Number.POSITIVE_INFINITY;
  let scale = smallestScale;
  let worst = 0;
  for (let i = 0; i < expected.data.length; i++) {
    if (!Number.isFinite(got.data[i]!)) return Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(expected.data[i]!));
    worst = Math.max(worst, Math.abs(got.data[i]! - expected.data[i]!));
  }
  return worst / scale;
}
