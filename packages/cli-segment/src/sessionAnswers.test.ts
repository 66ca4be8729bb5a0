import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readLabels, writeNifti, writeSafetensors } from "@ensam/core/files";
import { type Affine, lastVoxel, turnToLps, type Zyx } from "@ensam/core/geometry";
import { loadModel } from "@ensam/core/inference";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { openSession, type SessionEvent } from "@ensam/core/session";
import { openDevice } from "@ensam/core/tensors";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";
import { sessionAnswers } from "./sessionAnswers.ts";

const shape: Zyx = [12, 30, 40];
/** Voxels of 2 x 1 x 3 mm, the axes turned: array x runs up, y to the right, z to the front. */
const affine: Affine = [0, 1, 0, -8, 0, 0, 3, -12, 2, 0, 0, 100, 0, 0, 0, 1];
const image = { data: Uint8Array.from({ length: 12 * 30 * 40 }, (_, i) => (i * 31 + (i % 40) * 9) % 256), shape };
const model = minuteModel(0.3);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const metadata = { config: JSON.stringify(minuteConfig) };
  await writeSafetensors(join(folder, "net.safetensors"), model as never, metadata);
  await writeNifti(join(folder, "image.nii"), image, affine);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a session with this model makes of events, and the prompts as the annotator exports them. */
async function played(events: readonly SessionEvent[], maxVoxels: number) {
  const device = await openDevice("cpu");
  const segmenter = loadModel(model, minuteConfig);
  const session = openSession(segmenter, image, { turn: turnToLps(affine), maxVoxels });
  for (const event of events) await session.apply(event);
  const objects = session.report().objects.map(({ label, prompts }) => {
    const box = prompts.find((prompt) => prompt.kind === "box")?.box;
    const clicks = prompts.filter((prompt) => prompt.kind === "click");
    return {
      label,
      ...(box && { box: [box.min, lastVoxel(box)] }),
      clicks: clicks.map(({ at, foreground }) => ({ at, kind: foreground ? "fg" : "bg" })),
    };
  });
  const labels = session.labels.data.slice();
  session.dispose();
  segmenter.dispose();
  device.dispose();
  return { labels, prompts: { space: "voxel", objects } };
}

test("the prompts of a session's export give the session's masks, pooled crops and first clicks outside too", async () => {
  const object = (label: number) => ({ type: "object", label, name: `o${label}`, colour: "#ff8800" }) as const;
  const click = (label: number, at: Zyx, foreground = true) => ({ type: "click", label, at, foreground }) as const;
  const events: SessionEvent[] = [
    object(3),
    object(7),
    { type: "box", label: 7, min: [1, 2, 3], max: [5, 8, 9] },
    click(3, [6, 20, 30], false),
    click(3, [6, 12, 20]),
    click(7, [2, 4, 5]),
    click(3, [7, 12, 22]),
    click(7, [9, 22, 30], false),
  ];
  const { labels, prompts } = await played(events, 2000);
  await writeFile(join(folder, "prompts.json"), JSON.stringify(prompts));
  const segment = async (...flags: string[]) => {
    const argv = ["image.nii", "--model", "net.safetensors", "--prompts", "prompts.json", "--max-voxels", "2000"];
    const more = ["--zoom", "off", "--device", "cpu", "--overwrite", "-o", "mask.nii", ...flags];
    const result = await callCommand(main, [...argv, ...more], { cwd: folder });
    expect([result.code, result.error]).toEqual([0, expect.anything()]);
    return { row: result.rows[0]!, data: (await readLabels(join(folder, "mask.nii"))).labels.data };
  };
  const inOwn = await segment();
  expect(inOwn.data).toEqual(labels);
  expect([3, 7].every((label) => labels.includes(label))).toBe(true);
  expect(inOwn.row.crops).toBe("object");
  const inOne = await segment("--crops", "case");
  expect(inOne.row.crops).toBe("case");
  expect(inOne.data).not.toEqual(labels);
});

test("more objects than a session has labels are answered as few are", async () => {
  const device = await openDevice("cpu");
  const segmenter = loadModel(model, minuteConfig);
  const small = { data: image.data.slice(0, 8 * 8 * 8), shape: [8, 8, 8] as Zyx };
  const objects = Array.from({ length: 257 }, (_, i) => ({
    label: 1000 + i,
    clicks: [{ at: [i % 8, (i >> 3) % 8, i >> 6] as Zyx, foreground: true }],
  }));
  const answers = await sessionAnswers(segmenter, small, objects, { maxVoxels: 512 }, undefined);
  expect([...answers.keys()]).toEqual(objects.map(({ label }) => label));
  const last = objects.slice(-1);
  const alone = await sessionAnswers(segmenter, small, last, { maxVoxels: 512 }, undefined);
  expect(answers.get(1256)).toEqual(alone.get(1256));
  segmenter.dispose();
  device.dispose();
});
