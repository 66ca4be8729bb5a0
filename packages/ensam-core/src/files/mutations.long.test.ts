import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { affineOfSpacing } from "../geometry/index.ts";
import { readImage, writeNifti } from "./index.ts";
import { readMutations } from "./testing/mutations.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

test("20,000 damaged files of every format are read or refused in one line", async () => {
  const seed = Number(process.env.TEST_SEED || Math.floor(Math.random() * 2 ** 31));
  console.log(`seed of the mutations: ${seed} (make test-long SEED=${seed} repeats them)`);
  expect(await readMutations(temporaryFolder(), seed, 20_000)).toBeGreaterThan(1000);
});

test("a NIfTI file of more than 2 GiB is read to its last voxel", { timeout: 600_000 }, async () => {
  const path = join(temporaryFolder(), "big.nii");
  await writeNifti(path, { data: new Uint8Array(1), shape: [1, 1, 1] }, affineOfSpacing([1, 1, 1]));
  const file = openSync(path, "r+");
  const dims = Buffer.alloc(6);
  [1300, 1300, 1300].forEach((length, axis) => {
    dims.writeInt16LE(length, 2 * axis);
  });
  writeSync(file, dims, 0, 6, 42);
  const size = 352 + 1300 ** 3; // 2,197,000,352 bytes: 49 million over 2 GiB. All but the last lie in a hole of the file.
  ftruncateSync(file, size);
  writeSync(file, Buffer.of(7), 0, 1, size - 1);
  closeSync(file);
  const { data } = (await readImage(path)).volume;
  expect([data.length, data[0], data.at(-1)]).toEqual([1300 ** 3, 0, 7]);
});
