import { guardStockKernels } from "../backend/register.ts";
import { registerAttention } from "./attention/attention.ts";
import { registerLinear } from "./attention/linear.ts";
import { registerMatMul } from "./attention/matMul.ts";
import { registerRotations } from "./attention/rotations.ts";
import { registerScaleRotate } from "./attention/scaleRotate.ts";
import { registerTokens } from "./attention/tokens.ts";
import { registerConvolution } from "./convolution/convolution.ts";
import { registerUpsample } from "./convolution/upsample.ts";
import { registerElementwise } from "./norm/elementwise.ts";
import { registerGelu } from "./norm/gelu.ts";
import { registerInstanceNorm } from "./norm/instanceNorm.ts";
import { registerAdamw } from "./optimizer/adamw.ts";
import { registerForegroundBits } from "./optimizer/foregroundBits.ts";
import { registerGlobalNorm } from "./optimizer/globalNorm.ts";
import { registerLoss } from "./optimizer/loss.ts";
import { registerMuon } from "./optimizer/muon.ts";
import { registerScaledSum } from "./optimizer/scaledSum.ts";
import { backendName } from "./runtime/backend.ts";

let areRegistered = false;

/** Makes every kernel of ours known to TensorFlow.js, once. */
export function registerKernels(): void {
  if (areRegistered) return;
  areRegistered = true;
  guardStockKernels(backendName);
  registerConvolution();
  registerInstanceNorm();
  registerUpsample();
  registerGelu();
  registerLoss();
  registerForegroundBits();
  registerMatMul();
  registerLinear();
  registerAttention();
  registerTokens();
  registerScaleRotate();
  registerRotations();
  registerElementwise();
  registerAdamw();
  registerMuon();
  registerScaledSum();
  registerGlobalNorm();
}
