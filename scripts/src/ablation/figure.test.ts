import { expect, test } from "vitest";
import { curvePoints, drawFigure, figureSpec } from "./figure.ts";
import { fillPage } from "./fillPage.ts";
import { planText } from "./plan.ts";
import { epochsOf, type Run } from "./readRuns.ts";

const log = [
  { type: "step", step: 1, epoch: 0.5, loss: 1 },
  { type: "step", step: 2, epoch: 1, loss: 2 },
  { type: "validation", step: 2, epoch: 1, dsc: [null, 0.2, 0.4] },
  { type: "step", step: 3, epoch: 1.5, loss: 0.5 },
];

test("an epoch's loss is the mean of its steps, its DSC that of the validation at its end; one that is not over does not count", () => {
  expect(epochsOf(log)).toEqual([{ epoch: 1, loss: 1.5, dsc: expect.closeTo(0.3, 12) }]);
  const more = [...log, { type: "step", step: 4, epoch: 2, loss: 0.7 }];
  expect(epochsOf(more)[1]).toEqual({ epoch: 2, loss: 0.6 });
});

function run(arm: string, seed: number, losses: readonly number[], isTrained = true): Run {
  const epochs = losses.map((loss, i) => ({ epoch: i + 1, loss, dsc: loss / 4 }));
  return { arm, seed, steps: losses.length, isTrained, isScored: isTrained, epochs, seconds: 1 };
}

test("a curve is the mean over seeds with their range; a run that is not at its end counts only while no other of its arm is", async () => {
  const runs = [run("base", 1, [1, 0.5]), run("base", 2, [2, 0.7]), run("base", 3, [9], false), run("rope", 1, [1])];
  const points = curvePoints(runs);
  expect(points.filter(({ panel }) => panel === "loss")).toEqual([
    { arm: "LieRE, Muon", epoch: 1, panel: "loss", mean: 1.5, low: 1, high: 2 },
    { arm: "LieRE, Muon", epoch: 2, panel: "loss", mean: 0.6, low: 0.5, high: 0.7 },
  ]);
  const begun = curvePoints([...runs, run("liere-adamw", 1, [3, 2], false)]);
  expect(begun.filter(({ arm, panel }) => arm === "LieRE, AdamW" && panel === "loss").map(({ mean }) => mean)).toEqual([
    3, 2,
  ]);
  const svg = await drawFigure(figureSpec(points, "seeds 1, 2"));
  for (const words of [
    "<svg",
    "training loss",
    "validation DSC",
    "absolute positions, AdamW",
    "LieRE, AdamW",
    "seeds 1, 2",
  ]) {
    expect(svg).toContain(words);
  }
});

test("a page's marked parts are filled, again and again, and its text stays", () => {
  const page = "# A\n\n<!-- ablation: arms -->\nold\n<!-- /ablation -->\n\ntext\n";
  const filled = fillPage(page, { arms: "| new |\n" });
  expect(filled).toBe("# A\n\n<!-- ablation: arms -->\n\n| new |\n\n<!-- /ablation -->\n\ntext\n");
  expect(fillPage(filled, { arms: "| new |\n" })).toBe(filled);
  expect(() => fillPage(page, { answers: "" })).toThrow(
    'expected a part "<!-- ablation: answers -->" to fill, got none',
  );
});

test("a plan counts what is left, by the steps that were made where there are any", () => {
  const done = { ...run("base", 1, [1]), steps: 100, seconds: 50 };
  const words = planText(["base-s1", "rope-s1"], [done], 1000, 9);
  expect(words).toContain("runs: 2, of which 1 are done; to do: rope-s1\n");
  expect(words).toContain("0.500 s a step as in the 100 steps");
  expect(words).toContain("about 0.2 hours"); // 1000 · 0.5 s · 1.35
  expect(planText(["rope-s1"], [], 1000, 9)).toContain("9.000 s a step of the largest sample");
});
