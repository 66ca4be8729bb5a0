import { expect, test } from "vitest";
import { components26, maskOf, randomStream } from "../../voxels/index.ts";
import { drawShapes, shapeKinds } from "./drawShapes.ts";

const draw = (kind: (typeof shapeKinds)[number], i: number) => drawShapes(kind, 40, randomStream(4, kind, i));

test("every kind gives objects, the same for the same stream", () => {
  for (const kind of shapeKinds) {
    const { labels, objects } = draw(kind, 1);
    expect(objects.size).toBeGreaterThan(0);
    expect(Buffer.from(draw(kind, 1).labels.data.buffer).equals(Buffer.from(labels.data.buffer))).toBe(true);
    expect(Buffer.from(draw(kind, 2).labels.data.buffer).equals(Buffer.from(labels.data.buffer))).toBe(false);
  }
});

test("the first tube and tree of an image are in one piece", () => {
  for (const kind of ["tubes", "trees"] as const) {
    for (let i = 0; i < 6; i++) {
      const { labels, objects } = draw(kind, i);
      const last = Math.max(...objects.keys()); // Nothing was drawn over it.
      expect(components26(maskOf(labels, last)).sizes.length, `${kind} ${i}`).toBe(1);
    }
  }
});

test("trees fill less of their box than blobs do", () => {
  const filling = (kind: "blobs" | "trees") => {
    const parts = Array.from({ length: 6 }, (_, i) => {
      const { objects } = draw(kind, i);
      const { box, voxels } = objects.get(Math.max(...objects.keys()))!;
      const sides = [0, 1, 2].map((axis) => box.max[axis]! - box.min[axis]!);
      return voxels / (sides[0]! * sides[1]! * sides[2]!);
    });
    return parts.reduce((sum, part) => sum + part, 0) / parts.length;
  };
  // An ellipsoid along the axes fills pi / 6 = 0.52.
  expect(filling("blobs")).toBeGreaterThan(0.3);
  expect(filling("trees")).toBeLessThan(0.2);
});

test("touching instances touch: most of them have a neighbour of another label", () => {
  let [touching, all] = [0, 0];
  for (let i = 0; i < 8; i++) {
    const { labels, objects } = draw("instances", i);
    const meets = new Set<number>();
    for (let v = 1; v < labels.data.length; v++) {
      const [a, b] = [labels.data[v - 1]!, labels.data[v]!];
      if (a !== 0 && b !== 0 && a !== b) meets.add(a).add(b);
    }
    touching += meets.size;
    all += objects.size;
  }
  expect(touching / all).toBeGreaterThan(0.3);
});
