import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "@ensam/core/command/testing";
import { readImage, readLabels, writeNifti, writeSafetensors } from "@ensam/core/files";
import type { Affine, Zyx } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "./main.ts";
import {
  brightMiddle,
  type Driver,
  drive,
  eventsOf,
  noBrowser,
  openBrowser,
  type Served,
  serve,
} from "./testing/annotatePage.ts";

/** Software WebGL on a busy machine compiles its shaders for a minute. */
const timeout = 240_000;
const planes = ["axial", "coronal", "sagittal"] as const;
/** x to the left and forward, y up, z to the front, of 2, 1 and 3 mm; z leans, as with a tilted gantry. */
const sheared: Affine = [-2, 0, 0, 30, 0, 0.2, -3, 40, 0, 1, 0.6, -20, 0, 0, 0, 1];
const shape: Zyx = [14, 22, 18];
const bright: Zyx = [4, 15, 6];
let folder: string;
let model: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  model = join(folder, "net.safetensors");
  await writeSafetensors(model, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
  const data = new Uint8Array(14 * 22 * 18).fill(10);
  data[(bright[0] * 22 + bright[1]) * 18 + bright[2]] = 250;
  await writeNifti(join(folder, "a_sheared.nii.gz"), { data, shape }, sheared);
  if (!noBrowser) browser = await openBrowser();
}, timeout);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const log = (name: string) => join(folder, `${name}.session.ndjson`);
const start = (argv: readonly string[]) =>
  serve([...argv, "--model", model, "--device", "cpu", "--crop-without-box", "6"]);

describe.skipIf(noBrowser)(`the page in a browser${noBrowser ? ` (${noBrowser})` : ""}`, { timeout }, () => {
  let served: Served;
  let driver: Driver;

  test("a click on what is bright in the picture is the voxel that is bright in the file, in all three planes", async () => {
    served = await start([join(folder, "a_sheared.nii.gz"), "--labels", await truth()]);
    driver = await drive(browser, served.address);
    // The label map's two objects are there; the second is active.
    expect((await driver.state()).image.report.objects.map(({ label, voxels }) => [label, voxels])).toEqual([
      [2, 60],
      [5, 18],
    ]);
    await driver.key("n");
    for (const plane of planes) {
      await driver.bring(bright);
      const { x, y } = await brightMiddle(driver, plane);
      await driver.page.mouse.click(x, y);
      await driver.settle();
    }
    const clicks = (await eventsOf(log("a_sheared"))).filter(({ type }) => type === "click");
    expect(clicks.map(({ at }) => at)).toEqual([bright, bright, bright]);
    expect(driver.errors).toEqual([]);
  });

  test("clicks at known voxels, at borders, twice on the same, right and Alt, are in the log as they were given", async () => {
    const corners: Zyx[] = [
      [0, 0, 0],
      [13, 21, 17],
      [0, 21, 9],
      [7, 0, 17],
    ];
    const before = (await eventsOf(log("a_sheared"))).length;
    for (const [i, plane] of planes.entries()) {
      await driver.clickVoxel(plane, corners[i]!);
      await driver.clickVoxel(plane, corners[3]!, "right");
    }
    await driver.clickVoxel("axial", [6, 7, 8]);
    await driver.clickVoxel("axial", [6, 7, 8]);
    await driver.clickVoxel("coronal", [6, 7, 9], "left", true);
    const given = (await eventsOf(log("a_sheared"))).slice(before);
    expect(given.map(({ at, foreground }) => [at, foreground])).toEqual([
      [corners[0], true],
      [corners[3], false],
      [corners[1], true],
      [corners[3], false],
      [corners[2], true],
      [corners[3], false],
      [[6, 7, 8], true],
      [[6, 7, 8], true],
      [[6, 7, 9], false],
    ]);
    expect(driver.errors).toEqual([]);
  });

  test("undo, redo and a deleted prompt go by keys and buttons; a reload shows the same", async () => {
    const prompts = async () => (await driver.state()).image.report.objects.at(-1)!.prompts.length;
    const [count, volume] = [await prompts(), await shown()];
    await driver.key("Control+z");
    await driver.key("Control+z");
    expect(await prompts()).toBe(count - 2);
    await driver.key("Control+y");
    await driver.key("Control+Shift+Z");
    expect([await prompts(), await shown()]).toEqual([count, volume]);
    await driver.page.locator("#prompts li button.icon").nth(1).click();
    await driver.settle();
    expect(await prompts()).toBe(count - 1);
    const after = await shown();
    await driver.page.reload();
    await driver.settle();
    expect(await shown()).toEqual(after);
    expect(await prompts()).toBe(count - 1);
  });

  test("prompts can wait for Enter; a click beside the image is refused with a message", async () => {
    await driver.key("l");
    await driver.clickVoxel("axial", [5, 5, 5]);
    expect((await driver.state()).image.report.objects.at(-1)!.waiting).toBe(1);
    await driver.key("Enter");
    expect((await driver.state()).image.report.objects.at(-1)!.waiting).toBe(0);
    await driver.key("l");
    const { n } = (await driver.state()).image;
    const box = (await driver.page.locator("#marks").boundingBox())!;
    await driver.page.mouse.click(box.x + 2, box.y + 2);
    expect(await driver.message()).toContain("outside of the image");
    expect((await driver.state()).image.n).toBe(n);
  });

  test("a box is drawn in one plane and its depth in another", async () => {
    await driver.key("n");
    await driver.key("b");
    await driver.drag("axial", [5, 8, 4], [9, 8, 11]);
    // The plane's normal is y: 5 x 3 mm and 8 x 2 mm have a mean side of 15.5 mm, which is 15 voxels of 1.02 mm: 7 on
    // each side.
    expect((await driver.state()).draft).toEqual({ min: [5, 1, 4], max: [10, 16, 12] });
    await driver.drag("coronal", [7, 6, 4], [7, 13, 11]);
    const last = (await eventsOf(log("a_sheared"))).at(-1)!;
    expect(last).toMatchObject({ type: "box", min: [5, 6, 4], max: [10, 14, 12] });
    await driver.key("p");
  });

  test("the brush and the eraser write the voxels that they went over", async () => {
    await driver.key("n");
    await driver.key("d");
    for (let i = 0; i < 6; i++) await driver.key("[");
    // 6 mm / 1.25^6 = 1.57 mm: one voxel of y (1.02 mm) on each side, none of x (2 mm).
    await driver.clickVoxel("coronal", [3, 10, 10]);
    expect((await eventsOf(log("a_sheared"))).at(-1)).toMatchObject({
      type: "stroke",
      adds: true,
      runs: [9, 10, 11].flatMap((y) => [(3 * 22 + y) * 18 + 10, 1]),
    });
    await driver.key("e");
    await driver.clickVoxel("coronal", [3, 11, 10]);
    expect((await driver.state()).image.report.objects.at(-1)!.voxels).toBe(1);
    await driver.key("p");
  });

  test("after kill -9 in the middle of a session everything answered is there again", async () => {
    const before = await shown();
    const events = await eventsOf(log("a_sheared"));
    expect(await served.stop("SIGKILL")).toBe(null);
    served = await start([join(folder, "a_sheared.nii.gz")]);
    driver = await drive(browser, served.address);
    expect(await eventsOf(log("a_sheared"))).toEqual(events);
    expect(await shown()).toEqual(before);
  });

  test("the exported label map lies on the image's grid and holds what is shown; the log played again gives the same", async () => {
    const [download] = await Promise.all([driver.page.waitForEvent("download"), driver.page.keyboard.press("s")]);
    expect(download.suggestedFilename()).toBe("a_sheared_labels.nii.gz");
    const file = join(folder, "exported.nii.gz");
    await download.saveAs(file);
    const [image, exported] = [await readImage(join(folder, "a_sheared.nii.gz")), await readLabels(file)];
    expect(exported.affine).toEqual(image.affine);
    const { objects } = (await driver.state()).image.report;
    for (const { label, voxels } of objects) {
      expect(exported.labels.data.filter((value) => value === label)).toHaveLength(voxels);
    }
    // The loaded objects have no prompts: theirs are the truth's voxels, but where another object lies over them.
    const truthLabels = (await readLabels(join(folder, "truth.nii.gz"))).labels.data;
    exported.labels.data.forEach((label, i) => {
      if (label === 2 || label === 5) expect(truthLabels[i]).toBe(label);
    });
    expect(await served.stop()).toBe(0);
    const argv = [
      "--replay",
      log("a_sheared"),
      "--model",
      model,
      "--device",
      "cpu",
      "-o",
      join(folder, "again.nii.gz"),
    ];
    const { code, rows } = await callCommand(main, argv, { cwd: folder });
    expect(code).toBe(0);
    expect(rows).toHaveLength((await eventsOf(log("a_sheared"))).length);
    expect((await readLabels(join(folder, "again.nii.gz"))).labels.data).toEqual(exported.labels.data);
  });

  const shown = () => driver.objects();
});

/** Two blocks as a label map on the sheared grid. */
async function truth(): Promise<string> {
  const labels = new Uint8Array(14 * 22 * 18);
  const fill = (label: number, min: Zyx, max: Zyx) => {
    for (let z = min[0]; z < max[0]; z++)
      for (let y = min[1]; y < max[1]; y++) labels.fill(label, (z * 22 + y) * 18 + min[2], (z * 22 + y) * 18 + max[2]);
  };
  fill(2, [1, 2, 3], [4, 7, 7]); // 3 * 5 * 4
  fill(5, [10, 15, 12], [12, 18, 15]); // 2 * 3 * 3
  const path = join(folder, "truth.nii.gz");
  if (!existsSync(path)) await writeNifti(path, { data: labels, shape }, sheared);
  return path;
}
