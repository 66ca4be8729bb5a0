import { expect, test } from "vitest";
import { conv3d, normReluConv3d, splitGradient, tf } from "../tensors/index.ts";
import { describeOnDevicesAndConvolutions } from "../tensors/testing/devices.ts";
import { featureMap, goldenError, plain, readGolden } from "../tensors/testing/golden.ts";
import { noLeaks } from "../tensors/testing/noLeaks.ts";
import { presets } from "./config.ts";
import { joinSkip, skipPart } from "./decoder.ts";
import { residualBlock } from "./encoder.ts";
import { decode, encode, encodedTensors, type Trace } from "./index.ts";
import { encodeMask } from "./maskEncoder.ts";
import { ngptLayers } from "./ngpt.ts";
import { readFixture, stepGradients, tinyCase, tinyGolden } from "./testing/tinyCase.ts";

const tolerance = 1e-5;
const read = (name: string) => readGolden(new URL(`./fixtures/${name}.safetensors`, import.meta.url));

/** Runs a part of the model on a golden file, and expects its result and all gradients. */
function expectPart(
  golden: ReturnType<typeof read>,
  inputs: Record<string, tf.Tensor>,
  prefix: string,
  f: (parameters: Record<string, tf.Tensor>) => tf.Tensor,
): void {
  const names = Object.keys(golden).filter((name) => name.startsWith("param."));
  const own = names.map((name) => name.slice("param.".length));
  const weights = names.map((name) => plain(golden[name]!));
  const parameters = Object.fromEntries(own.map((name, i) => [`${prefix}.${name}`, weights[i]!]));
  const variables = [...Object.values(inputs), ...weights];
  const { outputs, backward } = splitGradient(() => [f(parameters)], variables);
  const upstream = golden.grad_output!;
  const gradients = backward([outputs[0]!.rank === 5 ? featureMap(upstream) : plain(upstream)]);
  expect(goldenError(outputs[0]!, golden.output!), "output").toBeLessThan(tolerance);
  [...Object.keys(inputs), ...own].forEach((name, i) => {
    expect(goldenError(gradients[i]!, golden[`grad.${name}`]!), `gradient of ${name}`).toBeLessThan(tolerance);
  });
}

describeOnDevicesAndConvolutions("golden parts of the model", () => {
  test("a residual block is MONAI's, with all gradients", () => {
    const golden = read("op_residual_block");
    const x = featureMap(golden["input.x"]!);
    expectPart(golden, { x }, "block", (parameters) => residualBlock(parameters, "block", x));
  });

  test("a decoder stage split in two is the block over the concatenation, with all gradients", () => {
    const golden = read("op_residual_projection");
    const x = featureMap(golden["input.x"]!);
    // 12 channels: 8 stand for the upsampled map, 4 for the skip.
    expectPart(golden, { x }, "decoder.stages.0", (parameters) =>
      tf.tidy(() => {
        const [upsampled, skip] = tf.split(x, [8, 4], 4) as [tf.Tensor, tf.Tensor];
        const projected = () => conv3d(upsampled, parameters["decoder.stages.0.shortcut.weight"]!, { from: 0 });
        return joinSkip(parameters, 0, upsampled, normReluConv3d, projected, skipPart(parameters, 0, skip));
      }),
    );
  });

  test("the mask encoder holds, with all gradients", () => {
    const golden = read("op_mask_encoder");
    const logits = featureMap(golden["input.logits"]!);
    expectPart(golden, { logits }, "mask_encoder", (parameters) => encodeMask(parameters, logits));
  });

  test("an attention step is NVIDIA's nGPT with rotations, with all gradients, of rotations too", () => {
    const golden = read("op_attention_step");
    const [a, b] = [plain(golden["input.a"]!), plain(golden["input.b"]!)];
    const [rot_a, rot_b] = [plain(golden["input.rot_a"]!), plain(golden["input.rot_b"]!)];
    expectPart(golden, { a, b, rot_a, rot_b }, "step", (parameters) => {
      const [to, from] = [
        { tokens: a, positions: rot_a },
        { tokens: b, positions: rot_b },
      ];
      return ngptLayers.attention(parameters, presets.tiny, "step", to, from);
    });
  });

  test("an MLP step holds, with all gradients", () => {
    const golden = read("op_mlp_step");
    const h = plain(golden["input.h"]!);
    expectPart(golden, { h }, "step", (parameters) => ngptLayers.mlp(parameters, presets.tiny, "step", h));
  });
});

describeOnDevicesAndConvolutions("the golden tiny case", () => {
  test("every named point of the forward pass holds", () => {
    const [tiny, golden] = [tinyCase(), tinyGolden("tiny_forward")];
    if (tiny === undefined || golden === undefined) return;
    const { parameters, config, volume, prompts } = tiny;
    const seen = new Set<string>();
    const compare =
      (prefix: string): Trace =>
      (name, value) => {
        seen.add(prefix + name);
        expect(goldenError(value, golden[prefix + name]!), prefix + name).toBeLessThan(1e-4);
      };
    noLeaks(() => {
      const encoded = encode(parameters, config, volume, { trace: compare("") });
      let previous: tf.Tensor | undefined;
      prompts.forEach((prompt, k) => {
        const logits = decode(parameters, config, encoded, prompt, previous, { trace: compare(`interactions.${k}.`) });
        previous?.dispose();
        previous = logits;
      });
      previous?.dispose();
      tf.dispose(encodedTensors(encoded));
    });
    expect([...seen].sort()).toEqual(Object.keys(golden).sort());
  });

  test("losses and the gradient of every parameter hold, taken in two halves", () => {
    const [tiny, golden] = [tinyCase(), tinyGolden("tiny_gradients")];
    if (tiny === undefined || golden === undefined) return;
    const expected = readFixture<{
      interactions: { total: number; dice: number; bce: number }[];
      predictedVoxels: number[];
      gradientNorm: number;
    }>("tiny_loss.json");
    const { losses, predictedVoxels, gradients } = noLeaks(() => stepGradients(tiny), Object.keys(golden).length);
    expected.interactions.forEach(({ total, dice, bce }, k) => {
      [total, dice, bce].forEach((value, i) => {
        expect(Math.abs(losses[k]![i]! - value) / value, `loss ${k}.${i}`).toBeLessThan(1e-5);
      });
      expect(Math.abs(predictedVoxels[k]! - expected.predictedVoxels[k]!)).toBeLessThanOrEqual(1);
    });
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(golden).sort());
    let squares = 0;
    for (const [name, gradient] of Object.entries(gradients)) {
      expect(goldenError(gradient, golden[name]!), name).toBeLessThan(3e-4);
      squares += tf.tidy(() => tf.sum(tf.square(gradient)).dataSync()[0]!);
    }
    expect(Math.abs(Math.sqrt(squares) / expected.gradientNorm - 1)).toBeLessThan(1e-4);
  });
});
