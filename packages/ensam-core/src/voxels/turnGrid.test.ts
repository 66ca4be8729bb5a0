import { expect, test } from "vitest";
import { allTurns, inverseTurn, noTurn, turnVoxel, turnZyx, type Zyx } from "../geometry/index.ts";
import { turnGrid } from "./turnGrid.ts";

const shape: Zyx = [2, 3, 4];
const grid = { data: Uint16Array.from({ length: 24 }, (_, i) => i + 300), shape };

test("every value of a turned grid is that of the voxel it came from", () => {
  for (const turn of allTurns) {
    const turned = turnGrid(grid, turn);
    expect(turned.shape).toEqual(turnZyx(turn, shape));
    expect(turned.data).toBeInstanceOf(Uint16Array);
    for (let z = 0; z < 2; z++)
      for (let y = 0; y < 3; y++)
        for (let x = 0; x < 4; x++) {
          const [c, b, a] = turnVoxel(turn, shape, [z, y, x]);
          expect(turned.data[(c * turned.shape[1] + b) * turned.shape[2] + a]).toBe(300 + (z * 3 + y) * 4 + x);
        }
    expect(turnGrid(turned, inverseTurn(turn))).toEqual(grid);
  }
});

test("a turn that changes nothing costs nothing", () => {
  expect(turnGrid(grid, noTurn)).toBe(grid);
});
