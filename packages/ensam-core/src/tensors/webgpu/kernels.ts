import { guardStockKernels } from "../backend/register.ts";
import { registerAdamw } from "./adamw.ts";
import { registerAttention } from "./attention.ts";
import { backendName } from "./backend.ts";
import { registerConvolution } from "./convolution.ts";
import { registerElementwise } from "./elementwise.ts";
import { registerForegroundBits } from "./foregroundBits.ts";
import { registerGelu } from "./gelu.ts";
import { registerGlobalNorm } from "./globalNorm.ts";
import { registerInstanceNorm } from "./instanceNorm.ts";
import { registerLinear } from "./linear.ts";
import { registerLoss } from "./loss.ts";
import { registerMatMul } from "./matMul.ts";
import { registerMuon } from "./muon.ts";
import { registerRotations } from "./rotations.ts";
import { registerScaledSum } from "./scaledSum.ts";
import { registerScaleRotate } from "./scaleRotate.ts";
import { registerTokens } from "./tokens.ts";
import { registerUpsample } from "./upsample.ts";

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
