import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type ChallengeCase,
  type NpyValue,
  npyArray,
  readChallengeCase,
  readNpz,
  writeChallengeCase,
  writeNpz,
} from "./index.ts";
import { fixture } from "./testing/fixtures.ts";
import { missing, sharedPath } from "./testing/shared.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const box = { z_min: 1, z_max: 1, z_mid: 1, z_mid_x_min: 1, z_mid_y_min: 1, z_mid_x_max: 3, z_mid_y_max: 2 };

describe("reading a case", () => {
  test("boxes, clicks and their order come back typed, the spacing turned to (z, y, x)", async () => {
    const found = await readChallengeCase(fixture("npz/numpy2_boxes_clicks.npz"));
    expect(found.imgs?.shape).toEqual([3, 4, 5]);
    expect(found.imgs?.data[1 * 20 + 1 * 5 + 3]).toBe(100); // z 1, y 1, x 3
    expect(found.storedSpacing).toEqual([1, 1, 2]);
    expect(found.spacing).toEqual([2, 1, 1]);
    expect(found.boxes?.[0]).toEqual(box);
    expect(found.clicks).toEqual([
      { fg: [[1, 2, 3]], bg: [] },
      { fg: [], bg: [[0, 0, 0]] },
    ]);
    expect(found.clicksOrder).toEqual([["fg"], ["bg"]]);
    expect(found.gts).toBeUndefined();
  });

  test("an object without error has null in the order, from numpy 2 and numpy 1", async () => {
    const [two, one] = [
      await readChallengeCase(fixture("npz/numpy2_order_with_none.npz"), ["clicks_order"]),
      await readChallengeCase(fixture("npz/numpy1_order_with_none.npz")),
    ];
    expect(two).toEqual({ clicksOrder: [["fg"], [null]] });
    expect(one.clicksOrder).toEqual([[null], ["bg"]]);
    expect(one.boxes?.[0]).toEqual({
      z_min: 4,
      z_max: 4,
      z_mid: 4,
      z_mid_x_min: 9,
      z_mid_y_min: 8,
      z_mid_x_max: 9,
      z_mid_y_max: 8,
    });
  });

  test("label maps stored as float32 or int64 become uint8", async () => {
    const path = join(temporaryFolder(), "case.npz");
    await writeNpz(path, {
      gts: npyArray(Float32Array.of(0, 2, 1), [1, 1, 3]),
      segs: { dtype: "<i8", shape: [1, 1, 3], data: Float64Array.of(0, 300, 1) },
    });
    const { gts, segs } = await readChallengeCase(path);
    expect(gts?.data).toEqual(Uint8Array.of(0, 2, 1));
    expect(segs?.data).toEqual(Uint16Array.of(0, 300, 1));
  });

  test.each<[string, Parameters<typeof writeNpz>[1], RegExp]>([
    [
      "a spacing of zero",
      { spacing: npyArray(Float64Array.of(1, 0, 1), [3]) },
      /case\.npz: spacing: expected three positive numbers \(x, y, z in mm\), got \[1, 0, 1\]$/,
    ],
    [
      "an image of two axes",
      { imgs: npyArray(new Uint8Array(4), [2, 2]) },
      /case\.npz: imgs: expected an array of three axes \(z, y, x\), got shape \[2,2\]$/,
    ],
    [
      "a negative label",
      { gts: npyArray(Int16Array.of(0, 0, 0, -1), [1, 2, 2]) },
      /gts: expected labels that are whole numbers from 0, got -1 at \(z, y, x\) = \(0, 1, 1\)$/,
    ],
    [
      "half a label",
      { gts: npyArray(Float32Array.of(0, 0.5), [1, 1, 2]) },
      /gts: expected labels that are whole numbers from 0, got 0\.5 at \(z, y, x\) = \(0, 0, 1\)$/,
    ],
    [
      "a box without its middle",
      { boxes: { dtype: "|O", shape: [1], objects: [{ z_min: 1, z_max: 2 }] } },
      /case\.npz: boxes\[0\]: expected a whole number for z_mid, got nothing$/,
    ],
    [
      "boxes as numbers",
      { boxes: npyArray(Int32Array.of(1, 2, 3, 4), [2, 2]) },
      /boxes: expected an array of one dict per object, got <i4 of shape \[2,2\]$/,
    ],
    [
      "clicks without lists",
      { clicks: { dtype: "|O", shape: [1], objects: [{ fg: [] }] } },
      /clicks\[0\]\.bg: expected a list of points, got nothing$/,
    ],
    [
      "a click of two numbers",
      { clicks: { dtype: "|O", shape: [1], objects: [{ fg: [[1, 2]], bg: [] }] } },
      /clicks\[0\]\.fg: expected points of three whole numbers \(z, y, x\), got \[1,2\]$/,
    ],
    [
      "an unknown kind of click",
      { clicks_order: { dtype: "<U3", shape: [1, 1], text: ["mid"] } },
      /clicks_order: expected fg, bg or None, got "mid"$/,
    ],
  ])("%s is refused by its key", async (_, members, message) => {
    const path = join(temporaryFolder(), "case.npz");
    await writeNpz(path, members);
    await expect(readChallengeCase(path)).rejects.toThrow(message);
  });

  test("a key that was asked for and is not there is an error", async () => {
    await expect(readChallengeCase(fixture("npz/numpy2_boxes_clicks.npz"), ["gts"])).rejects.toThrow(
      /numpy2_boxes_clicks\.npz: expected the key "gts", got imgs, spacing, boxes, /,
    );
  });
});

describe("writing a case", () => {
  const whole: ChallengeCase = {
    imgs: { data: Uint8Array.from({ length: 6 }, (_, index) => index), shape: [1, 2, 3] },
    gts: { data: Uint16Array.of(0, 1, 300, 0, 0, 1), shape: [1, 2, 3] },
    spacing: [5, 0.5, 0.75],
    storedSpacing: [0.75, 0.5, 5],
    boxes: [box],
    clicks: [{ fg: [[0, 1, 2]], bg: [[0, 0, 0]] }],
    clicksOrder: [["fg", "bg"]],
    prevPred: { data: new Uint8Array(6), shape: [1, 2, 3] },
    segs: { data: new Uint8Array(6).fill(1), shape: [1, 2, 3] },
    allSegs: [
      { data: new Uint8Array(6), shape: [1, 2, 3] },
      { data: new Uint8Array(6).fill(1), shape: [1, 2, 3] },
    ],
    textPrompts: { "1": "a cube", instance_label: 0 },
  };

  test("all of it comes back, under numpy's types", async () => {
    const path = join(temporaryFolder(), "case.npz");
    await writeChallengeCase(path, whole);
    expect(await readChallengeCase(path)).toEqual(whole);
    const archive = await readNpz(path);
    expect(Array.from(archive.numbers("spacing").data)).toEqual([0.75, 0.5, 5]);
    const types = Object.fromEntries(
      archive.keys().map((key) => [key, `${archive.get(key).dtype} ${archive.get(key).shape.join("x")}`]),
    );
    expect(types).toEqual({
      imgs: "|u1 1x2x3",
      gts: "<u2 1x2x3",
      spacing: "<f8 3",
      boxes: "|O 1",
      clicks: "|O 1",
      clicks_order: "<U2 1x2",
      prev_pred: "|u1 1x2x3",
      segs: "|u1 1x2x3",
      all_segs: "|u1 2x1x2x3",
      text_prompts: "|O ",
    });
  });

  test("an order with nulls is stored as objects, and comes back", async () => {
    const path = join(temporaryFolder(), "case.npz");
    await writeChallengeCase(path, { clicksOrder: [["fg"], [null]] });
    expect((await readNpz(path)).get("clicks_order")).toEqual({ dtype: "|O", shape: [2, 1], objects: ["fg", null] });
    expect(await readChallengeCase(path)).toEqual({ clicksOrder: [["fg"], [null]] });
  });

  test("a spacing alone is stored x first", async () => {
    const path = join(temporaryFolder(), "case.npz");
    await writeChallengeCase(path, { spacing: [5, 0.5, 0.75] });
    expect((await readChallengeCase(path)).storedSpacing).toEqual([0.75, 0.5, 5]);
  });

  test("ragged orders and label maps of two shapes are refused", async () => {
    const path = join(temporaryFolder(), "case.npz");
    await expect(writeChallengeCase(path, { clicksOrder: [["fg"], []] })).rejects.toThrow(
      /clicks_order: expected equally many clicks for each object, got 1,0$/,
    );
    const allSegs = [whole.segs!, { data: new Uint8Array(1), shape: [1, 1, 1] as const }];
    await expect(writeChallengeCase(path, { allSegs })).rejects.toThrow(
      /all_segs: expected label maps of shape \[1,2,3\], got \[1,1,1\]$/,
    );
    expect(existsSync(path)).toBe(false);
  });
});

test("every file of the official evaluator survives a round trip", async ({ skip }) => {
  const { isMissing, reason } = missing("golden", "evaluator");
  skip(isMissing, reason);
  const root = sharedPath("golden", "evaluator");
  const inputs = readdirSync(join(root, "evaluator_inputs"), { recursive: true, encoding: "utf8" }).map((name) =>
    join("evaluator_inputs", name),
  );
  const others = ["imgs", "gts", "expected"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  const files = [...inputs, ...others].filter((name) => name.endsWith(".npz"));
  expect(files.length).toBeGreaterThan(50);
  const copy = join(temporaryFolder(), "copy.npz");
  for (const file of files) {
    await writeChallengeCase(copy, await readChallengeCase(join(root, file)));
    const [before, after] = [await readNpz(join(root, file)), await readNpz(copy)];
    expect(after.keys().sort()).toEqual(before.keys().sort());
    for (const key of before.keys())
      expect(fingerprint(after.get(key)), `${file}: ${key}`).toEqual(fingerprint(before.get(key)));
  }
});

/** All that a member is, with its numbers as a hash: comparing long arrays one by one is slow. */
function fingerprint(value: NpyValue): unknown {
  return "data" in value ? { ...value, data: createHash("sha256").update(value.data).digest("hex") } : value;
}
