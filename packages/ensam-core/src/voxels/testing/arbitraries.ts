import fc from "fast-check";
import type { Zyx } from "../../geometry/index.ts";
import type { LabelMap, Mask } from "../grid.ts";

/** Shapes of 1 to 7 voxels along each axis, odd ones and flat ones included. */
export const anyShape: fc.Arbitrary<Zyx> = fc.tuple(side(), side(), side());

export const anySpacing: fc.Arbitrary<Zyx> = fc.tuple(step(), step(), step());

/** A map with labels 0 to 3; from nearly empty to nearly full. */
export const anyLabels: fc.Arbitrary<LabelMap> = anyShape.chain(labelsOf);

/** Two maps of one shape. */
export const twoLabelMaps: fc.Arbitrary<[LabelMap, LabelMap]> = anyShape.chain((shape) =>
  fc.tuple(labelsOf(shape), labelsOf(shape)),
);

export const anyMask: fc.Arbitrary<Mask> = anyShape.chain(maskOfShape);

export const twoMasks: fc.Arbitrary<[Mask, Mask]> = anyShape.chain((shape) =>
  fc.tuple(maskOfShape(shape), maskOfShape(shape)),
);

export function maskOfShape(shape: Zyx): fc.Arbitrary<Mask> {
  return fc
    .tuple(values(shape, 9), fc.integer({ min: 0, max: 10 }))
    .map(([data, share]) => ({ data: Uint8Array.from(data, (value) => (value < share ? 1 : 0)), shape }));
}

function labelsOf(shape: Zyx): fc.Arbitrary<LabelMap> {
  return fc
    .tuple(values(shape, 9), fc.integer({ min: 1, max: 9 }))
    .map(([data, step]) => ({ data: Uint8Array.from(data, (value) => Math.max(0, value - step) % 4), shape }));
}

function values(shape: Zyx, max: number): fc.Arbitrary<number[]> {
  const length = shape[0] * shape[1] * shape[2];
  return fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length });
}

function side(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 7 });
}

function step(): fc.Arbitrary<number> {
  return fc.constantFrom(0.3, 0.8, 1, 1.5, 2.5, 5);
}
