import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage, readLabels, writeSafetensors } from "@ensam/core/files";
import type { Zyx } from "@ensam/core/geometry";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { expect, test } from "vitest";
import { missing, sharedPath } from "../../ensam-core/src/files/testing/shared.ts";
import { type Driver, drive, eventsOf, noBrowser, openBrowser, serve } from "./testing/annotatePage.ts";

const planes = ["axial", "coronal", "sagittal"] as const;
const samples = [
  ["RAS", "MR/MR_MSD-Hippocampus/images/hippocampus_001.nii.gz"],
  ["LPS", "PET/PET_STS/STS_002/PET_image.nii.gz"],
  ["PIR", "robust/orientations/PIR.nii.gz"],
  ["anisotropic", "MR/MR_SpinalCord/mt/mt1.nii.gz"],
  ["sheared", "robust/nifti/shear.nii.gz"],
] as const;
const { isMissing, reason } = missing("samples");
const cannot = isMissing ? reason : noBrowser;

test.skipIf(cannot)(
  `clicks on real samples of several axes, one after the other${cannot ? ` (${cannot})` : ""}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
    const browser = await openBrowser();
    try {
      const model = join(folder, "net.safetensors");
      await writeSafetensors(model, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
      const paths = samples.map(([name], i) => join(folder, `${i}_${name}.nii.gz`));
      for (const [i, [, file]] of samples.entries()) await copyFile(sharedPath("samples", file), paths[i]!);
      const flags = ["--model", model, "--device", "cpu", "--crop-without-box", "6"];
      let served = await serve([...paths, ...flags]);
      let driver = await drive(browser, served.address);
      for (const [i, path] of paths.entries()) {
        await clickEverywhere(driver, path);
        await exportedBrush(driver, path);
        if (i + 1 < paths.length) await driver.key(".");
      }
      // The last one is the sheared one: taken back, again, away, shown anew, and after a kill.
      const [before, { n }] = [await driver.objects(), (await driver.state()).image];
      await driver.key("Control+z");
      expect(await driver.objects()).not.toEqual(before);
      await driver.key("Control+y");
      expect(await driver.objects()).toEqual(before);
      await driver.page.locator("#objects li").first().click();
      await driver.page.locator("#prompts li button.icon").nth(1).click();
      await driver.settle();
      expect((await driver.state()).image.n).toBe(n + 3);
      const after = await driver.objects();
      await driver.page.reload();
      await driver.settle();
      expect(await driver.objects()).toEqual(after);
      expect(driver.errors).toEqual([]);
      expect(await served.stop("SIGKILL")).toBe(null);
      served = await serve([paths.at(-1)!, ...flags]);
      driver = await drive(browser, served.address);
      expect(await driver.objects()).toEqual(after);
      expect(driver.errors).toEqual([]);
      expect(await served.stop()).toBe(0);
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

const logOf = (path: string) => path.replace(".nii.gz", ".session.ndjson");

/** In all three planes, at known voxels, twice on one, and at the corners. */
async function clickEverywhere(driver: Driver, path: string): Promise<void> {
  const { volume } = await readImage(path);
  const [depth, height, width] = volume.shape;
  const inner = (k: number): Zyx => [(depth * (k + 1)) >> 2, (height * (3 - k)) >> 2, (width * (k + 2)) >> 3];
  const given: [(typeof planes)[number], Zyx, "left" | "right"][] = [
    ...planes.map((plane, k): (typeof given)[number] => [plane, inner(k), k === 2 ? "right" : "left"]),
    ["axial", inner(0), "left"],
    ["coronal", [0, 0, 0], "right"],
    ["sagittal", [depth - 1, height - 1, width - 1], "right"],
    ["axial", [depth - 1, 0, width - 1], "left"],
  ];
  for (const [plane, voxel, button] of given) {
    await driver.clickVoxel(plane, voxel, button);
    const last = (await eventsOf(logOf(path))).at(-1);
    expect(last).toMatchObject({ type: "click", at: voxel, foreground: button === "left" });
    const value = volume.data[(voxel[0] * height + voxel[1]) * width + voxel[2]]!;
    expect(await driver.value(voxel)).toBeCloseTo(value, 3);
  }
}

/** What is painted is in the exported label map, voxel for voxel, on the image's grid. */
async function exportedBrush(driver: Driver, path: string): Promise<void> {
  const { volume, affine } = await readImage(path);
  const [depth, height, width] = volume.shape;
  const at: Zyx = [depth >> 1, height >> 1, width >> 1];
  for (const key of ["n", "d"]) await driver.key(key);
  await driver.clickVoxel("sagittal", at);
  await driver.key("p");
  const { type, label, runs } = (await eventsOf(logOf(path))).at(-1) as { type: string; label: number; runs: number[] };
  expect(type).toBe("stroke");
  const painted = new Set<number>();
  for (let i = 0; i < runs.length; i += 2) for (let k = 0; k < runs[i + 1]!; k++) painted.add(runs[i]! + k);
  expect(painted.has((at[0] * height + at[1]) * width + at[2])).toBe(true);
  const [download] = await Promise.all([driver.page.waitForEvent("download"), driver.page.keyboard.press("s")]);
  const file = path.replace(".nii.gz", "_labels.nii.gz");
  await download.saveAs(file);
  const exported = await readLabels(file);
  for (const [i, value] of exported.affine.entries()) expect(value).toBeCloseTo(affine[i]!, 5);
  expect(exported.labels.shape).toEqual(volume.shape);
  const wrong = Array.from(exported.labels.data).filter((value, i) => (value === label) !== painted.has(i));
  expect(wrong).toHaveLength(0);
}
