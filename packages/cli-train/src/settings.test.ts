import { callCommand } from "@ensam/core/command/testing";
import { presets } from "@ensam/core/model";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { trainOptions } from "./options.ts";
import { changesBetween, settingsOf } from "./settings.ts";

const defaults = Object.fromEntries(
  Object.entries(trainOptions).map(([key, option]) => [key, option.default]),
) as never;

test("the defaults are the paper's protocol", () => {
  expect(settingsOf(defaults)).toMatchObject({
    epochs: 15,
    accumulate: 4,
    clicks: 5,
    maxVoxels: 256 * 128 * 128,
    optimizer: "muon",
    halveAt: [2, 5, 10],
    clipNorm: 1,
  });
});

test("changes that alter the result are told apart from those that make a run longer", () => {
  const before = { config: presets.tiny, settings: settingsOf(defaults), cases: "a" };
  const now = { ...before, settings: { ...before.settings, epochs: 20, maxSteps: 9, seed: 2 }, cases: "b" };
  expect(changesBetween(before, now)).toEqual({
    refused: ["seed: 1 -> 2", 'cases: "a" -> "b"'],
    extended: ["epochs: 15 -> 20", "maxSteps: none -> 9"],
  });
  expect(changesBetween(before, { ...before })).toEqual({ refused: [], extended: [] });
});

test("a run does not go on with another precision; one of before precisions were kept is taken for f32", () => {
  const before = { config: presets.tiny, settings: settingsOf(defaults, "f32"), cases: "a" };
  expect(before.settings).not.toHaveProperty("precision"); // As in older checkpoints.
  const now = { ...before, settings: settingsOf(defaults, "f16") };
  expect(changesBetween(before, now)).toEqual({ refused: ['precision: "f32" -> "f16"'], extended: [] });
  expect(changesBetween(now, before).refused).toEqual(['precision: "f16" -> "f32"']);
  expect(changesBetween(now, { ...now })).toEqual({ refused: [], extended: [] });
});

test("a run goes on with the convolutions it began with; one that says nothing began with direct ones", () => {
  const direct = {
    config: presets.tiny,
    settings: settingsOf({ ...(defaults as object), convolution: "direct" } as never),
    cases: "a",
  };
  const automatic = { ...direct, settings: settingsOf(defaults) };
  const { convolution: _, ...unsaid } = direct.settings;
  const older = { ...direct, settings: unsaid };
  expect(changesBetween(older, direct).refused).toEqual([]);
  expect(changesBetween(older, automatic).refused).toEqual(['convolution: "direct" -> "auto"']);
  expect(changesBetween(automatic, direct).refused).toEqual(['convolution: "auto" -> "direct"']);
});

test("help leads with examples and names every option with its default", async () => {
  const { output, code } = await callCommand(main, ["--help"]);
  expect(code).toBe(0);
  expect(output.indexOf("ensam-train coreset.ndjson")).toBeLessThan(output.indexOf("--preset"));
  for (const words of ["--max-voxels", "--no-box", "--halve-at", "--resume", "4194304"])
    expect(output).toContain(words);
});
