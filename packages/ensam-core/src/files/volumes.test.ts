import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readImage, readLabels } from "./index.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

/** Two volumes of 2 x 1 x 2 voxels (x, y, z): 0 to 3, then 10 to 13. */
const values = Int16Array.of(0, 1, 2, 3, 10, 11, 12, 13);

function fourDimensionalMeta(): string {
  const header = [
    "ObjectType = Image",
    "NDims = 4",
    "DimSize = 2 1 2 2",
    "ElementSpacing = 0.5 0.5 3 2000",
    "TransformMatrix = -1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1", // x runs right, against ITK's left
    "Offset = 10 20 30 0",
    "ElementType = MET_SHORT",
    "ElementDataFile = LOCAL\n",
  ].join("\n");
  const path = join(temporaryFolder(), "four.mha");
  writeFileSync(path, Buffer.concat([Buffer.from(header), Buffer.from(values.buffer)]));
  return path;
}

test("one volume of a 4-D MetaImage keeps place and size of its voxels; none is guessed", async () => {
  const path = fourDimensionalMeta();
  const { volume, affine } = await readImage(path, { volume: 1 });
  expect([volume.shape, volume.spacing, [...volume.data]]).toEqual([
    [2, 1, 2],
    [3, 0.5, 0.5],
    [10, 11, 12, 13],
  ]);
  // RAS: x = -10 + 0.5 i, y = -20 - 0.5 j, z = 30 + 3 k
  expect(affine).toEqual([0.5, 0, 0, -10, 0, -0.5, 0, -20, 0, 0, 3, 30, 0, 0, 0, 1]);
  await expect(readImage(path)).rejects.toThrow("got axes of 2 x 1 x 2 x 2 voxels; --volume N takes one of the 2");
  await expect(readImage(path, { volume: 2 })).rejects.toThrow("expected a volume 2, got volumes 0 to 1");
});

test("a 3-D image has only volume 0, a 3-D label map serves every volume", async () => {
  const path = join(temporaryFolder(), "three.mha");
  const text = readFileSync(fourDimensionalMeta(), "latin1");
  const three = text
    .replace("NDims = 4", "NDims = 3")
    .replace("DimSize = 2 1 2 2", "DimSize = 2 1 2")
    .replace("3 2000", "3")
    .replace("-1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1", "1 0 0 0 1 0 0 0 1")
    .replace("10 20 30 0", "10 20 30");
  writeFileSync(path, Buffer.from(three.slice(0, -8), "latin1"));
  expect([...(await readImage(path, { volume: 0 })).volume.data]).toEqual([0, 1, 2, 3]);
  await expect(readImage(path, { volume: 1 })).rejects.toThrow("expected a volume 1, got a single volume");
  expect([...(await readLabels(path, { volume: 1 })).labels.data]).toEqual([0, 1, 2, 3]);
});
