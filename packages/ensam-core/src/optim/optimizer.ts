import { adamwUpdate, muonUpdate, tf } from "../tensors/index.ts";
import { type Grouping, usesAdamw } from "./groups.ts";

/** Tensors by name: parameters, gradients, or what an optimizer remembers. */
export type TensorRecord = Record<string, tf.Tensor>;

/** What an optimizer remembers; with the parameters it is all that a checkpoint needs to go on. */
export interface OptimizerState {
  /** Updates made so far. */
  readonly steps: number;
  /** `NAME.momentum` for Muon, `NAME.mean` and `NAME.square` for AdamW, each of the parameter's shape. */
  readonly tensors: TensorRecord;
}

export interface OptimizerOptions {
  /** Which parameters Muon updates and which AdamW: see `groups.ts`. */
  readonly grouping: Grouping;
  /** Fraction of each parameter taken away for a learning rate of 1. @default 0 */
  readonly weightDecay?: number;
  /** Muon's decay of its momentum. @default 0.95 */
  readonly momentum?: number;
  /** Factor on Muon's orthogonal direction. @default 1 */
  readonly muonScale?: number;
  /** AdamW's decays of the mean and of the mean square. @default [0.9, 0.999] */
  readonly betas?: readonly [number, number];
  /** Added to AdamW's denominator. @default 1e-8 */
  readonly epsilon?: number;
}

/** Learning rates of one update. */
export interface LearningRates {
  readonly muon: number;
  readonly adamw: number;
}

export interface Updated {
  readonly parameters: TensorRecord;
  readonly state: OptimizerState;
}

export interface Optimizer {
  /** The state before the first update: everything remembered is zero. */
  init(parameters: Readonly<TensorRecord>): OptimizerState;
  /**
   * One update. Every tensor returned is new; those given stay the caller's to dispose (`disposeTensors`). A parameter
   * without a gradient is not changed.
   *
   * @param rates  one learning rate for all, or one for each group
   */
  update(
    parameters: Readonly<TensorRecord>,
    gradients: Readonly<TensorRecord>,
    state: OptimizerState,
    rates: number | LearningRates,
  ): Updated;
}

/** Muon and AdamW side by side, each on its group of parameters (ENSAM §2.4.1). */
export function optimizer(options: OptimizerOptions): Optimizer {
  const { grouping, weightDecay = 0, momentum = 0.95, muonScale = 1, betas = [0.9, 0.999], epsilon = 1e-8 } = options;

  return {
    init(parameters) {
      const tensors: TensorRecord = {};
      for (const [name, weight] of Object.entries(parameters)) {
        for (const suffix of suffixes(usesAdamw(name, weight.shape, grouping))) {
          tensors[`${name}.${suffix}`] = tf.zeros(weight.shape);
        }
      }
      return { steps: 0, tensors };
    },

    update(parameters, gradients, state, rates) {
      const { muon, adamw } = typeof rates === "number" ? { muon: rates, adamw: rates } : rates;
      const steps = state.steps + 1;
      const remembered = (name: string): tf.Tensor => {
        const tensor = state.tensors[name];
        if (tensor === undefined) throw new Error(`optimizer: state ${name}: expected a tensor, got none`);
        return tensor;
      };
      const byMuon: string[] = [];
      /** Each parameter's next weight, and by suffix what is remembered of it. */
      const next = new Map<string, TensorRecord>();
      for (const [name, weight] of Object.entries(parameters)) {
        const gradient = gradients[name];
        const isAdamw = usesAdamw(name, weight.shape, grouping);
        if (gradient === undefined) {
          const kept = suffixes(isAdamw).map((suffix) => [suffix, tf.clone(remembered(`${name}.${suffix}`))]);
          next.set(name, { weight: tf.clone(weight), ...Object.fromEntries(kept) });
        } else if (isAdamw) {
          const parameter = {
            weight,
            gradient,
            mean: remembered(`${name}.mean`),
            square: remembered(`${name}.square`),
          };
          const settings = { learningRate: adamw, weightDecay, betas, epsilon, steps };
          next.set(name, { ...adamwUpdate(parameter, settings) });
        } else {
          byMuon.push(name);
        }
      }
      const matrices = byMuon.map((name) => {
        return { weight: parameters[name]!, gradient: gradients[name]!, momentum: remembered(`${name}.momentum`) };
      });
      const moved = muonUpdate(matrices, { learningRate: muon, weightDecay, momentum, scale: muonScale });
      byMuon.forEach((name, i) => void next.set(name, { ...moved[i]! }));

      const updated: TensorRecord = {};
      const tensors: TensorRecord = {};
      for (const name of Object.keys(parameters)) {
        const { weight, ...memory } = next.get(name)!;
        updated[name] = weight!;
        for (const [suffix, tensor] of Object.entries(memory)) tensors[`${name}.${suffix}`] = tensor;
      }
      return { parameters: updated, state: { steps, tensors } };
    },
  };
}

/** What is remembered of a parameter. */
function suffixes(isAdamw: boolean): readonly string[] {
  return isAdamw ? ["mean", "square"] : ["momentum"];
}

/** Frees every tensor of a record. */
export function disposeTensors(record: Readonly<TensorRecord>): void {
  for (const tensor of Object.values(record)) tensor.dispose();
}
