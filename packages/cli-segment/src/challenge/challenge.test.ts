import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { type ChallengeCase, readChallengeCase, writeChallengeCase, writeSafetensors } from "@ensam/core/files";
import { boxOfChallenge } from "@ensam/core/geometry";
import { type Crops, loadModel, simulateCase } from "@ensam/core/inference";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { challengeBoxes, nextClicks, type Round, type Simulation, simulation } from "@ensam/core/prompts";
import { openDevice } from "@ensam/core/tensors";
import { type Grid, type LabelMap, labelBoxes, randomStream, voxelCount, type Zyx } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "../main.ts";

const maxVoxels = 600;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-challenge-"));
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(0.05) as never, {
    config: JSON.stringify(minuteConfig),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface MadeCase {
  readonly name: string;
  readonly image: Grid<Uint8Array>;
  readonly truth: LabelMap;
  readonly hasBoxes: boolean;
}

/** Blobs of one to three labels in noise; every third case has no boxes. Sizes pass the crop's margin and the model's largest grid. */
function madeCase(index: number): MadeCase {
  const random = randomStream(7, "challenge", index);
  const shape: Zyx = index % 5 === 0 ? [5, 8, 90] : [6 + (index % 3), 8, 8 + index];
  const image = { data: Uint8Array.from({ length: voxelCount(shape) }, () => random.int(0, 256)), shape };
  const data = new Uint8Array(voxelCount(shape));
  const labels = 1 + (index % 3);
  for (let label = 1; label <= labels; label++) {
    const [z, y, x] = shape.map((length) => random.int(1, length - 3)) as [number, number, number];
    for (const [dz, dy, dx] of [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits >> 2, (bits >> 1) & 1, bits & 1])) {
      data[((z + dz!) * shape[1] + y + dy!) * shape[2] + x + dx!] = label;
    }
  }
  const truth = { data, shape };
  return { name: `case ${index}`, image, truth, hasBoxes: index % 3 !== 2 };
}

function boxesOf({ truth, hasBoxes }: MadeCase) {
  return hasBoxes ? [...challengeBoxes(truth, () => 3).values()] : undefined;
}

/** What ensam-simulate does: one process, one open volume. */
async function simulated(made: MadeCase, crops: Crops): Promise<Simulation> {
  const device = await openDevice("cpu", {});
  const segmenter = loadModel(minuteModel(0.05), minuteConfig);
  const labels = [...labelBoxes(made.truth).keys()];
  try {
    return await simulateCase(segmenter, made.image, made.truth, {
      labels,
      boxes: new Map(boxesOf(made)?.map((box, i) => [labels[i]!, boxOfChallenge(box)])),
      clickRule: nextClicks,
      crops,
      maxVoxels,
      now: () => 0,
    });
  } finally {
    segmenter.dispose();
    device.dispose();
  }
}

const challenge = (cwd: string, crops: Crops = "object") => {
  const argv = [
    "--challenge",
    "--crops",
    crops,
    "--model",
    join(folder, "net.safetensors"),
    "--max-voxels",
    `${maxVoxels}`,
  ];
  return callCommand(main, [...argv, "--device", "cpu", "--quiet"], { cwd });
};

/** A stand-in for the evaluator: writes each call's input, runs the command as a container, reads its output. */
async function evaluated(
  made: MadeCase,
  between: (cwd: string, round: Round) => Promise<void> = async () => {},
  crops: Crops = "object",
) {
  const cwd = await mkdtemp(join(folder, "workspace-"));
  await mkdir(join(cwd, "inputs"));
  const [input, output] = [join(cwd, "inputs", `${made.name}.npz`), join(cwd, "outputs", `${made.name}.npz`)];
  const boxes = boxesOf(made);
  const labels = [...labelBoxes(made.truth).keys()];
  const errors: string[] = [];
  const options = {
    labels,
    boxes: new Map(boxes?.map((box, i) => [labels[i]!, boxOfChallenge(box)])),
    clickRule: nextClicks,
  };
  const played = await simulation(made.truth, options, async (round) => {
    const base: ChallengeCase = { imgs: made.image, spacing: [2, 1, 1], ...(boxes && { boxes }) };
    await writeChallengeCase(input, round.interaction === 0 ? base : { ...base, ...rewritten(round) });
    await between(cwd, round);
    await rm(output, { force: true });
    const { code, error } = await challenge(cwd, crops);
    expect([code, round.interaction]).toEqual([0, round.interaction]);
    errors.push(error);
    return { labels: (await readChallengeCase(output, ["segs"])).segs!, seconds: 0 };
  });
  return { simulation: played, errors, cwd };
}

function rewritten({ objects, history, previous }: Round): ChallengeCase {
  const at = (foreground: boolean) => (object: Round["objects"][number]) =>
    object.clicks.filter((click) => click.foreground === foreground).map((click) => click.at);
  return {
    clicks: objects.map((object) => ({ fg: at(true)(object), bg: at(false)(object) })),
    clicksOrder: history.map((clicks) => clicks.map((click) => (click ? (click.foreground ? "fg" : "bg") : null))),
    prevPred: previous,
  };
}

test("ten cases, called as the evaluator calls a container, get ensam-simulate's masks voxel by voxel", async () => {
  for (let index = 0; index < 10; index++) {
    const made = madeCase(index);
    const crops = index % 2 === 0 ? "object" : "case";
    const [inOne, { simulation, errors }] = [await simulated(made, crops), await evaluated(made, undefined, crops)];
    expect(simulation.maps.length).toBe(made.hasBoxes ? 6 : 5);
    for (const [call, map] of simulation.maps.entries()) {
      expect(
        Buffer.from(map.data as Uint8Array).equals(Buffer.from(inOne.maps[call]!.data as Uint8Array)),
        made.name,
      ).toBe(true);
    }
    expect(simulation.clicks).toEqual(inOne.clicks);
    expect(errors.join("")).toBe("");
    // Not all the same: clicks and previous logits did something.
    expect(new Set(simulation.maps.map(({ data }) => data.join(""))).size).toBeGreaterThan(1);
  }
});

test("where the state is gone, damaged or another run's, the call goes on from prev_pred and says so", async () => {
  const made = madeCase(1);
  const spoilt: Readonly<Record<number, (state: string) => Promise<void>>> = {
    1: (state) => rm(state),
    2: (state) => writeFile(state, "damaged"),
  };
  const { simulation, errors, cwd } = await evaluated(made, async (cwd, { interaction }) => {
    await spoilt[interaction]?.(join(cwd, "inputs", `.${made.name}.ensam-state.npz`));
  });
  expect(errors.map((error) => error.includes("went on from prev_pred"))).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
  const plain = await evaluated(made);
  expect(simulation.maps[0]!.data).toEqual(plain.simulation.maps[0]!.data);
  // A state belongs to its case: when that is gone, so is the state.
  await rm(join(cwd, "inputs", `${made.name}.npz`));
  await writeChallengeCase(join(cwd, "inputs", "b.npz"), { imgs: made.image, boxes: boxesOf(made)! });
  expect((await challenge(cwd)).code).toBe(0);
  expect((await readdir(join(cwd, "inputs"))).sort()).toEqual([".b.ensam-state.npz", "b.npz"]);
  // Another previous answer than ours is what the user sees, so it counts.
  const other = { data: new Uint8Array(made.image.data.length).fill(1, 0, 40), shape: made.image.shape };
  const call = { imgs: made.image, boxes: boxesOf(made)!, prevPred: other };
  await writeChallengeCase(join(cwd, "inputs", "b.npz"), call);
  expect((await challenge(cwd)).error).toContain("b: no state of the last call; went on from prev_pred");
});

test("a case that cannot be read costs itself only; none at all is exit code 3", async () => {
  const made = madeCase(1);
  const cwd = await mkdtemp(join(folder, "workspace-"));
  expect((await challenge(cwd)).code).toBe(3);
  await writeChallengeCase(join(cwd, "inputs/a.npz"), { imgs: made.image });
  await writeChallengeCase(join(cwd, "inputs/b.npz"), { imgs: made.image, boxes: boxesOf(made)! });
  const clicks = [{ fg: [[1, 2, 3] as Zyx], bg: [] }];
  await writeChallengeCase(join(cwd, "inputs/c.npz"), { imgs: made.image, clicks, clicksOrder: [["bg"]] });
  const { code, error, rows } = await challenge(cwd);
  expect([code, await readdir(join(cwd, "outputs"))]).toEqual([1, ["b.npz"]]);
  expect(rows.map(({ type, case: name }) => [type, name])).toEqual([
    ["failure", "a"],
    ["failure", "c"],
  ]);
  expect(error).toMatch(/a: .*expected boxes or clicks, got neither/);
  expect(error).toMatch(/c: .*clicks_order\[0\]: expected 1 fg and 0 bg as in clicks/);
});
