import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage, writeSafetensors } from "@ensam/core/files";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { expect, test } from "vitest";
import { missing, sharedPath } from "../../ensam-core/src/files/testing/shared.ts";
import { drive, eventsOf, noBrowser, openBrowser, serve } from "./testing/annotatePage.ts";

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
      const served = await serve([...paths, "--model", model, "--device", "cpu", "--crop-without-box", "6"]);
      const driver = await drive(browser, served.address);
      for (const [i, path] of paths.entries()) {
        const { volume } = await readImage(path);
        const [depth, height, width] = volume.shape;
        for (const [k, plane] of planes.entries()) {
          const voxel = [(depth * (k + 1)) >> 2, (height * (3 - k)) >> 2, (width * (k + 2)) >> 3] as const;
          await driver.clickVoxel(plane, voxel, k === 2 ? "right" : "left");
          const last = (await eventsOf(path.replace(".nii.gz", ".session.ndjson"))).at(-1);
          expect(last).toMatchObject({ type: "click", at: voxel, foreground: k !== 2 });
          const value = volume.data[(voxel[0] * height + voxel[1]) * width + voxel[2]]!;
          expect(await driver.value(voxel)).toBeCloseTo(value, 3);
        }
        if (i + 1 < paths.length) await driver.key(".");
      }
      expect(driver.errors).toEqual([]);
      expect(await served.stop()).toBe(0);
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
