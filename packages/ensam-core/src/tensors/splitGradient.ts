import { addPairs } from "./ops/addPairs.ts";
import { tf } from "./tf.ts";

type Tape = ReturnType<typeof tf.engine>["state"]["activeTape"];
type TapeNode = Tape[number];

/** Values of a sum that waits for the others: so few that what waits is next to nothing. */
const smallSum = 16384;

export interface SplitGradient {
  /** What the function returned; the caller's to dispose. */
  readonly outputs: tf.Tensor[];
  /**
   * Gradients of `Σ outputs · outputGradients` for each variable, in their order; zeros where a variable had no part.
   * To be called once: it frees what it needed as it goes. The tensors given stay the caller's.
   *
   * @param outputGradients  one for each output, of its shape; `undefined` counts as zeros
   */
  backward(outputGradients: readonly (tf.Tensor | undefined)[]): tf.Tensor[];
  /**
   * `backward` added to running sums: large ones each as soon as the gradient that belongs to it is whole, small ones
   * together at the end. To be called once, in place of `backward`.
   *
   * @param sums  one for each variable, used up; `undefined` counts as zeros
   * @returns     the new sums; `undefined` where there is neither a sum nor a gradient
   */
  backwardInto(
    outputGradients: readonly (tf.Tensor | undefined)[],
    sums: readonly (tf.Tensor | undefined)[],
  ): (tf.Tensor | undefined)[];
  /** Frees the recording without a gradient. Does nothing after `backward`. */
  dispose(): void;
}

/**
 * A gradient in two halves: computes `f` now and differentiates it later, with other gradients computed in between. So
 * the encoder runs once, every interaction is differentiated on its own, and the encoder goes backward once from their
 * sum.
 *
 * The recording is TensorFlow.js's own tape. Its backward pass lives here because the one in the library starts from a
 * scalar, forgets the tape and keeps the gradient of every intermediate result until the end; this one frees each
 * activation and each gradient right after its last use.
 *
 * @param f          computes the outputs from the variables; may run in scopes (`tf.tidy`) of its own
 * @param variables  the tensors to differentiate for
 */
export function splitGradient(f: () => tf.Tensor[], variables: readonly tf.Tensor[]): SplitGradient {
  const { outputs, tape } = record(f);
  let nodes = keepNodesBetween(tape, variables, outputs);
  const shapes = outputs.map((output) => output.shape);
  const ids = outputs.map((output) => output.id);

  function backwardInto(
    outputGradients: readonly (tf.Tensor | undefined)[],
    sums: readonly (tf.Tensor | undefined)[],
  ): (tf.Tensor | undefined)[] {
    if (nodes === undefined) throw new Error("splitGradient: expected one call of backward, got another");
    const gradients = new Gradients();
    outputGradients.forEach((gradient, i) => {
      if (gradient === undefined) return;
      if (!tf.util.arraysEqual(gradient.shape, shapes[i]!)) {
        throw new Error(
          `splitGradient: gradient ${i}: expected [${shapes[i]!.join(", ")}], got [${gradient.shape.join(", ")}]`,
        );
      }
      gradients.add(ids[i]!, tf.keep(tf.clone(gradient)));
    });
    const wanted = new Set(variables.map((variable) => variable.id));
    const waiting = new Map<number, tf.Tensor>();
    sums.forEach((sum, i) => void (sum && waiting.set(variables[i]!.id, tf.keep(sum))));
    const addToSum = (id: number) => {
      const sum = waiting.get(id);
      if (sum === undefined || sum.size <= smallSum) return;
      waiting.delete(id);
      gradients.addTo(sum, id);
    };
    const firstUses = firstUsesOf(wanted, nodes);
    try {
      while (nodes.length > 0) {
        const node = nodes.pop()!;
        goBackward(node, gradients, wanted);
        firstUses.get(node)!.forEach(addToSum);
      }
      [...waiting.keys()].forEach(addToSum);
      gradients.addAllTo(waiting);
    } catch (error) {
      // Out of memory, say: what is left of the recording and of the gradients goes too.
      nodes.forEach(disposeSaved);
      gradients.dispose();
      tf.dispose([...waiting.values()]);
      throw error;
    } finally {
      nodes = undefined;
    }
    return variables.map((variable) => gradients.result(variable));
  }

  return {
    outputs,
    backward(outputGradients) {
      return backwardInto(outputGradients, []).map((gradient, i) => gradient ?? tf.zerosLike(variables[i]!));
    },
    backwardInto,
    dispose() {
      nodes?.forEach(disposeSaved);
      nodes = undefined;
    },
  };
}

/** Runs a function with the tape on and takes the tape away. */
function record(f: () => tf.Tensor[]): { outputs: tf.Tensor[]; tape: Tape } {
  const { state } = tf.engine();
  if (state.gradientDepth !== 0)
    throw new Error("splitGradient: expected no gradient being computed around it, got one");
  state.activeTape = [];
  state.gradientDepth = 1;
  const giveBack = saveWithoutKernels();
  try {
    const outputs = tf.tidy(f);
    return { outputs, tape: state.activeTape };
  } catch (error) {
    state.activeTape.forEach(disposeSaved);
    throw error;
  } finally {
    giveBack();
    state.gradientDepth = 0;
    state.activeTape = [];
  }
}

/** The parts of TensorFlow.js's engine that make a tensor another one's twin. */
interface SavingEngine {
  backend: { incRef(dataId: object): void };
  clone(x: tf.Tensor): tf.Tensor;
  makeTensorFromDataId(dataId: object, shape: number[], dtype: tf.DataType): tf.Tensor;
}

/**
 * What operators save for their gradients, TensorFlow.js clones by a kernel call and two notes on the tape each, two of
 * five kernel calls of a step. Until the function returned is called, it is one more reference to the values.
 */
function saveWithoutKernels(): () => void {
  const engine = tf.engine() as unknown as SavingEngine;
  const before = engine.clone;
  engine.clone = ({ dataId, shape, dtype }) => {
    engine.backend.incRef(dataId);
    return engine.makeTensorFromDataId(dataId, shape, dtype);
  };
  return () => {
    engine.clone = before;
  };
}

/** The nodes through which an output depends on a variable, in order; what the others saved is freed. */
function keepNodesBetween(
  tape: Tape,
  variables: readonly tf.Tensor[],
  outputs: readonly tf.Tensor[],
): TapeNode[] | undefined {
  const fromVariables = new Set(variables.map((variable) => variable.id));
  for (const node of tape) {
    const depends = Object.values(node.inputs).some((input) => fromVariables.has(input.id));
    if (depends) for (const output of node.outputs) fromVariables.add(output.id);
  }
  const toOutputs = new Set(outputs.map((output) => output.id));
  const kept: TapeNode[] = [];
  for (const node of tape.toReversed()) {
    const inputs = Object.entries(node.inputs).filter(([, input]) => fromVariables.has(input.id));
    if (inputs.length > 0 && node.outputs.some((output) => toOutputs.has(output.id))) {
      for (const [, input] of inputs) toOutputs.add(input.id);
      kept.push({ ...node, inputs: Object.fromEntries(inputs) });
    } else {
      disposeSaved(node);
    }
  }
  return kept.reverse();
}

/** The variables that each node is the first to use: on the way back, their gradients are whole once it is done. */
function firstUsesOf(variables: ReadonlySet<number>, nodes: readonly TapeNode[]): Map<TapeNode, readonly number[]> {
  const unseen = new Set(variables);
  return new Map(
    nodes.map((node) => {
      const ids = Object.values(node.inputs).map(({ id }) => id);
      return [node, ids.filter((id) => unseen.delete(id))];
    }),
  );
}

/** Takes the gradients of a node's outputs and adds those of its inputs. */
function goBackward(node: TapeNode, gradients: Gradients, wanted: ReadonlySet<number>): void {
  const outputGradients = node.outputs.map((output) =>
    wanted.has(output.id) ? gradients.peek(output.id) : gradients.take(output.id),
  );
  try {
    if (outputGradients.every((gradient) => gradient === undefined)) return;
    const { gradient } = node;
    if (gradient == null) throw new Error(`splitGradient: expected a gradient of ${node.kernelName}, got none`);
    tf.tidy(() => {
      const inputGradients = gradient(outputGradients as tf.Tensor[]);
      for (const [name, input] of Object.entries(node.inputs)) {
        const gradient = tf.tidy(() => inputGradients[name]!());
        // What is kept has an owner: a gradient function may hand on the very tensor it was given, or one for two
        // inputs.
        gradients.add(input.id, tf.keep(gradient.kept ? tf.clone(gradient) : gradient));
      }
    });
  } finally {
    outputGradients.forEach((gradient, i) => {
      if (!wanted.has(node.outputs[i]!.id)) gradient?.dispose();
    });
    disposeSaved(node);
  }
}

function disposeSaved(node: TapeNode): void {
  for (const tensor of node.saved ?? []) tensor.dispose();
}

/** Sums of gradients by the id of the tensor they belong to. */
class Gradients {
  private readonly sums = new Map<number, tf.Tensor>();

  /** Adds a gradient and takes it over. */
  add(id: number, gradient: tf.Tensor): void {
    const before = this.sums.get(id);
    if (before === undefined) {
      this.sums.set(id, gradient);
      return;
    }
    try {
      this.sums.set(id, tf.keep(tf.add(before, gradient)));
      before.dispose();
    } finally {
      gradient.dispose();
    }
  }

  /** Adds a gradient, where there is one, to a sum that was begun before, and takes the sum over. */
  addTo(sum: tf.Tensor, id: number): void {
    const gradient = this.take(id);
    this.sums.set(id, sum);
    if (gradient !== undefined) this.add(id, gradient);
  }

  /** `addTo` of sums by their ids, in one call; those given are taken out. */
  addAllTo(sums: Map<number, tf.Tensor>): void {
    const both = [...sums].filter(([id]) => this.sums.has(id));
    const totals = addPairs(both.map(([id, sum]) => [sum, this.sums.get(id)!]));
    both.forEach(([id, sum], i) => {
      tf.dispose([sum, this.sums.get(id)!]);
      this.sums.set(id, tf.keep(totals[i]!));
    });
    for (const [id, sum] of sums) if (!this.sums.has(id)) this.sums.set(id, sum);
    sums.clear();
  }

  dispose(): void {
    for (const gradient of this.sums.values()) gradient.dispose();
    this.sums.clear();
  }

  peek(id: number): tf.Tensor | undefined {
    return this.sums.get(id);
  }

  take(id: number): tf.Tensor | undefined {
    const gradient = this.sums.get(id);
    this.sums.delete(id);
    return gradient;
  }

  /** The gradient of a variable, if it has one, from now on an ordinary tensor of the surrounding scope. */
  result(variable: tf.Tensor): tf.Tensor | undefined {
    const gradient = this.sums.get(variable.id);
    if (gradient === undefined) return undefined;
    this.sums.delete(variable.id);
    return handOver(gradient);
  }
}

/** Makes a tensor that was kept an ordinary one of the surrounding scope. */
function handOver(tensor: tf.Tensor): tf.Tensor {
  tensor.kept = false;
  const scope = tf.engine().state.activeScope;
  if (scope != null) {
    tensor.scopeId = scope.id;
    scope.track.push(tensor);
  }
  return tensor;
}
