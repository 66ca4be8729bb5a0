import { hasKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes, ShapeError } from "../shapes.ts";
import { tf } from "../tf.ts";
import { newtonSchulz, orthogonalize } from "./orthogonalize.ts";

export interface MuonSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Decay of the momentum, which is Nesterov's. */
  readonly momentum: number;
  /** Factor on the orthogonal direction. */
  readonly scale: number;
}

/** A weight of two axes or more with its gradient and momentum, all of one shape. */
export interface MuonParameter {
  readonly weight: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly momentum: tf.Tensor;
}

/** What an update by Muon changes, each of the weight's shape. */
export type MuonUpdated = Omit<MuonParameter, "gradient">;

/**
 * One update of several parameters by Muon: momentum, orthogonalized. A weight beyond two axes is viewed as the matrix
 * [out, everything else]. All at once, because a device may take matrices of one shape together. Without gradients of
 * its own. Every tensor returned is new.
 */
export function muonUpdate(parameters: readonly MuonParameter[], settings: MuonSettings): MuonUpdated[] {
  parameters.forEach(checkMuon);
  if (parameters.length === 0) return [];
  if (!hasKernel("EnsamMuonUpdate")) return muonUpdateComposed(parameters, settings);
  const tensors = parameters.flatMap(({ weight, gradient, momentum }) => [weight, gradient, momentum]);
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [i, tensor]));
  const outputs = runKernelOfMany("EnsamMuonUpdate", inputs, {
    ...{ decay: settings.momentum, ...factorsOf(settings) },
    ...newtonSchulz,
  });
  return parameters.map((_, i) => ({ weight: outputs[2 * i]!, momentum: outputs[2 * i + 1]! }));
}

/** `muonUpdate` made of stock operators. */
export function muonUpdateComposed(parameters: readonly MuonParameter[], settings: MuonSettings): MuonUpdated[] {
  const decay = settings.momentum;
  const { kept, step } = factorsOf(settings);
  return parameters.map((parameter, i) => {
    checkMuon(parameter, i);
    const { weight, gradient } = parameter;
    return tf.tidy(() => {
      const momentum = tf.add(tf.mul(parameter.momentum, decay), gradient);
      const update = tf.add(gradient, tf.mul(momentum, decay));
      const matrix = tf.reshape(update, [weight.shape[0]!, -1]) as tf.Tensor2D;
      const direction = tf.reshape(orthogonalize(matrix), weight.shape);
      const decayed = kept === 1 ? weight : tf.mul(weight, kept);
      return { weight: tf.sub(decayed, tf.mul(direction, step)), momentum };
    });
  });
}

function factorsOf({ learningRate, weightDecay, scale }: MuonSettings) {
  return {
    /** What weight decay leaves of the weight. */
    kept: 1 - learningRate * weightDecay,
    /** How far the weight goes against its direction. */
    step: learningRate * scale,
  };
}

function checkMuon({ weight, gradient, momentum }: MuonParameter, i: number): void {
  const { shape } = weight;
  if (shape.length < 2) {
    throw new ShapeError(`muonUpdate: parameter ${i}: expected two axes or more, got [${shape.join(", ")}]`);
  }
  expectShapes(`muonUpdate: parameter ${i}`, { gradient: [gradient, shape], momentum: [momentum, shape] });
}
