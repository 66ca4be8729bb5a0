import { expect, test } from "vitest";
import { expectFreeMemory, freeMemory } from "./expectFreeMemory.ts";

const mib = 2 ** 20;

test("what fits passes; what does not is refused with all its parts and what there is, in MiB", () => {
  expectFreeMemory("a.nii", { image: 3 * mib, labels: mib }, 4 * mib);
  expect(() => expectFreeMemory("a.nii", { image: 3 * mib + 1, labels: mib }, 4 * mib)).toThrow(
    "a.nii: expected 5 MiB of free memory (image 4, labels 1), got 4 MiB",
  );
});

test("a refusal has the exit code of memory, and the machine says some number of bytes", () => {
  try {
    expectFreeMemory("b.nii", { image: 2 ** 60 });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 5 });
  }
  expect(freeMemory()).toBeGreaterThan(mib);
  expect(freeMemory()).toBeLessThan(2 ** 50);
});
