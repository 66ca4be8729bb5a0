import { expect, test } from "vitest";
import { presets, unitAxes } from "../model/index.ts";
import { readFixture, tinyGolden } from "../model/testing/tinyCase.ts";
import { tf } from "../tensors/index.ts";
import { describeOnDevices } from "../tensors/testing/devices.ts";
import { type Golden, goldenError, plain, readGolden } from "../tensors/testing/golden.ts";
import { noLeaks } from "../tensors/testing/noLeaks.ts";
import {
  disposeTensors,
  type Grouping,
  normalizeWeights,
  optimizer,
  orthogonalize,
  type TensorRecord,
  type Updated,
  usesAdamw,
} from "./index.ts";

const read = (name: string) => readGolden(new URL(`./fixtures/${name}.safetensors`, import.meta.url));
const pick = (golden: Golden, prefix: string): TensorRecord =>
  Object.fromEntries(
    Object.keys(golden)
      .filter((name) => name.startsWith(prefix))
      .map((name) => [name.slice(prefix.length), plain(golden[name]!)]),
  );

describeOnDevices("golden optimizers", () => {
  const matrices = ["square", "decaying", "wide", "tall", "kernel5d", "deficient", "row", "zero"];

  test.each(matrices)("Newton-Schulz of the %s matrix is Keller Jordan's", (name) => {
    const golden = read("newton_schulz");
    const { shape, data } = golden[`${name}.input`]!;
    const result = noLeaks(
      () => tf.tidy(() => orthogonalize(tf.tensor2d(data, [shape[0]!, data.length / shape[0]!]))),
      1,
    );
    expect(goldenError(result, golden[`${name}.output`]!)).toBeLessThan(1e-4);
  });

  test("three steps of Muon and AdamW with weight decay hold, and so does what they remember", () => {
    const golden = read("optimizer_steps");
    const { init, update } = optimizer({ grouping: "paper", weightDecay: 0.1 });
    noLeaks(() => {
      let parameters = pick(golden, "start.");
      let state = init(parameters);
      for (let step = 0; step < 3; step++) {
        const gradients = pick(golden, `grad.${step}.`);
        const next = update(parameters, gradients, state, { muon: 0.02, adamw: 0.003 });
        for (const record of [parameters, gradients, state.tensors]) disposeTensors(record);
        ({ parameters, state } = next);
        for (const name of ["matrix", "kernel", "vector"]) {
          expect(goldenError(parameters[name]!, golden[`after.${step}.${name}`]!), name).toBeLessThan(1e-5);
        }
      }
      expect(state.steps).toBe(3);
      const remembered = {
        "matrix.momentum": "state.matrix.buf",
        "kernel.momentum": "state.kernel.buf",
        "vector.mean": "state.vector.m",
        "vector.square": "state.vector.v",
      };
      for (const [own, theirs] of Object.entries(remembered)) {
        expect(goldenError(state.tensors[own]!, golden[theirs]!), own).toBeLessThan(1e-5);
      }
      for (const record of [parameters, state.tensors]) disposeTensors(record);
    });
  });

  test.each(["default", "paper"] as const)("one step of the tiny model in the %s grouping holds", (grouping) => {
    const [weights, gradients, expected] = ["tiny_weights", "tiny_gradients", `tiny_step_${grouping}`].map(tinyGolden);
    if (weights === undefined || gradients === undefined || expected === undefined) return;
    const { init, update } = optimizer({ grouping });
    const before = pick(weights, "");
    const step: Updated = update(before, pick(gradients, ""), init(before), 2e-3);
    const after = normalizeWeights(step.parameters, unitAxes(presets.tiny));
    for (const [name, tensor] of Object.entries(after)) {
      const { data } = expected[name]!;
      const largest = Math.max(...Array.from(tensor.dataSync(), (value, i) => Math.abs(value - data[i]!)));
      expect(largest, name).toBeLessThan(5e-6);
    }
  });

  test.each(["paper_parameters.json", "tiny_parameters.json"])("%s: every tensor is in its group", (file) => {
    const { tensors } = readFixture<{
      tensors: { name: string; shape: number[]; adamw: Record<"default" | "paper", boolean> }[];
    }>(file);
    for (const { name, shape, adamw } of tensors) {
      for (const grouping of ["default", "paper"] satisfies Grouping[]) {
        expect(usesAdamw(name, shape, grouping), `${name}, ${grouping}`).toBe(adamw[grouping]);
      }
      expect(usesAdamw(name, shape, "adamw")).toBe(true);
    }
  });
});
