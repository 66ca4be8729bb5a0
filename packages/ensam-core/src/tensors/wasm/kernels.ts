import { tf } from "../tf.ts";
import { backendName } from "./backend.ts";
import { registerChannels } from "./channels.ts";
import { registerConvolution } from "./convolution.ts";
import { registerElementwise } from "./elementwise.ts";
import { registerChannelRmsGelu } from "./gelu.ts";
import { registerLoss } from "./loss.ts";
import { registerMatrices } from "./matrices.ts";
import { registerOptimizer } from "./optimizer.ts";
import { registerRotations } from "./rotations.ts";
import { registerTokens } from "./tokens.ts";
import { registerUpsample } from "./upsample.ts";

let registered = false;

/** Gives our backend the stock CPU kernels, then our own in their place or beside them. Does so once. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  tf.copyRegisteredKernels("cpu", backendName);
  registerConvolution();
  registerMatrices();
  registerChannels();
  registerUpsample();
  registerChannelRmsGelu();
  registerLoss();
  registerTokens();
  registerOptimizer();
  registerRotations();
  registerElementwise();
}
