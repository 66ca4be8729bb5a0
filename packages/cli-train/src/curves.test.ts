import { expect, test } from "vitest";
import { curvesSpec, renderSvg } from "./curves.ts";

const steps = Array.from({ length: 5000 }, (_, i) => ({ step: i + 1, loss: 2 / (i + 1), learningRate: 2e-3 }));
const validations = [
  { step: 10, dsc: [0.5, 0.6, 0.7] },
  { step: 20, dsc: [null, 0.7, 0.8] },
];

test("the picture names its axes, and shows validation only where there was one", async () => {
  const svg = await renderSvg(curvesSpec("runs/a", steps, validations));
  for (const words of [
    "optimizer step",
    "loss (Dice + 2 cross-entropy)",
    "learning rate",
    "validation DSC",
    "click 2",
  ]) {
    expect(svg).toContain(words);
  }
  // The run's name as title, its folder below; steps in whole numbers.
  for (const words of [">a</text>", ">runs/a</text>", ">1,000</text>", ">0.002</text>"]) expect(svg).toContain(words);
  expect(svg).not.toMatch(/>[\d.]+k</);
  expect(await renderSvg(curvesSpec("runs/a", steps, []))).not.toContain("validation DSC");
});

test("before the first validation the DSC panel shows the training samples'", async () => {
  const trained = steps.slice(0, 50).map((step) => ({ ...step, dsc: [0.5, step.step % 2 === 0 ? null : 0.75] }));
  const svg = await renderSvg(curvesSpec("runs/a", trained, []));
  expect(svg).toContain("training DSC, smoothed");
  const panels = curvesSpec("a", trained, []) as unknown as { vconcat: { data: { values: { dsc: number }[] } }[] };
  // Equal values stay as they are when smoothed.
  expect(new Set(panels.vconcat[1]!.data.values.map(({ dsc }) => dsc))).toEqual(new Set([0.5, 0.75]));
});

test("a long run is thinned to at most 2000 points and its last", () => {
  const [panel] = (curvesSpec("a", steps, []) as unknown as { vconcat: { data: { values: { step: number }[] } }[] })
    .vconcat;
  expect(panel!.data.values.length).toBeLessThanOrEqual(2001);
  expect(panel!.data.values.at(-1)!.step).toBe(5000);
});
