import { expect, test } from "vitest";
import { areaPath, outlinePath } from "./outline.ts";

// . X X
// . X .
const pixels = { data: Uint8Array.of(0, 1, 1, 0, 1, 0), rows: 2, columns: 3 };

test("an area is one rectangle per run of pixels", () => {
  expect(areaPath(pixels)).toBe("M1 0H3v1H1zM1 1H2v1H1z");
});

test("an outline goes along pixel edges, each once, straight parts in one piece", () => {
  // Across: the top of both upper pixels, the bottom of the right one, the bottom of the lower one. Down: left side of
  // both rows, right side of the lower pixel, right side of the upper right one.
  expect(outlinePath(pixels)).toBe("M1 0H3M2 1H3M1 2H2M1 0V2M2 1V2M3 0V1");
});

test("nothing inside gives no path", () => {
  const empty = { data: new Uint8Array(4), rows: 2, columns: 2 };
  expect([areaPath(empty), outlinePath(empty)]).toEqual(["", ""]);
});
