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
  expect(await renderSvg(curvesSpec("runs/a", steps, []))).not.toContain("validation DSC");
});

test("a long run is thinned to at most 2000 points and its last", () => {
  const [panel] = (curvesSpec("a", steps, []) as unknown as { vconcat: { data: { values: { step: number }[] } }[] })
    .vconcat;
  expect(panel!.data.values.length).toBeLessThanOrEqual(2001);
  expect(panel!.data.values.at(-1)!.step).toBe(5000);
});
