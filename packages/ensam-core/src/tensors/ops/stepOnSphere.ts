import { defineGradient, hasKernel, runKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";
import { unitComposed } from "./unit.ts";

/**
 * The nGPT residual: one step from `state` toward `proposal` on the unit sphere,
 * `unit(state + |rate| * (unit(proposal) - state))`.
 *
 * @param state     [N, C], unit length along C
 * @param proposal  [N, C], any length
 * @param rate      [C], the eigen learning rate; its sign is ignored, as in nGPT
 * @returns         [N, C], unit length along C
 */
export function stepOnSphere(state: tf.Tensor, proposal: tf.Tensor, rate: tf.Tensor): tf.Tensor {
  checkStep(state, proposal, rate);
  if (!hasKernel("EnsamStepOnSphere")) return stepOnSphereComposed(state, proposal, rate);
  return runKernel("EnsamStepOnSphere", { state, proposal, rate });
}

/** `stepOnSphere` made of stock operators. */
export function stepOnSphereComposed(state: tf.Tensor, proposal: tf.Tensor, rate: tf.Tensor): tf.Tensor {
  checkStep(state, proposal, rate);
  return tf.tidy(() => {
    // Not tf.abs: its derivative at 0 is -1, where 0 is meant.
    const size = tf.add(tf.relu(rate), tf.relu(tf.neg(rate)));
    const direction = tf.sub(unitComposed(proposal), state);
    return unitComposed(tf.add(state, tf.mul(size, direction)));
  });
}

defineGradient("EnsamStepOnSphere", {
  saveInputs: ["state", "proposal", "rate"],
  gradients: ([dy], [state, proposal, rate]) => {
    const [dState, dProposal, dRate] = runKernelOfMany("EnsamStepOnSphereGradient", {
      dy: dy!,
      state: state!,
      proposal: proposal!,
      rate: rate!,
    });
    return { state: () => dState!, proposal: () => dProposal!, rate: () => dRate! };
  },
});

function checkStep(state: tf.Tensor, proposal: tf.Tensor, rate: tf.Tensor): void {
  expectShapes("stepOnSphere", { state: [state, ["N", "C"]], proposal: [proposal, ["N", "C"]], rate: [rate, ["C"]] });
}
