import { type ValidationSlice, validationSlice } from "../index.ts";

/** Slice 1 of 2 of 4 x 4 voxels: truth in the two left columns, prediction in the two middle ones. */
export function testSlice(): ValidationSlice {
  const truth = Uint8Array.from({ length: 32 }, (_, i) => (i >= 16 && i % 4 < 2 ? 1 : 0));
  const prediction = Float32Array.from({ length: 32 }, (_, i) => (i % 4 === 1 || i % 4 === 2 ? 3 : -3));
  const volume = Float32Array.from({ length: 32 }, (_, i) => (i % 16) / 15);
  return validationSlice({ step: 5, case: "CT_1", label: 2, dsc: 0.5, shape: [2, 4, 4], volume, truth, prediction });
}
