import { describe, expect, it } from "vitest";
import type { ChallengeBox } from "../geometry/index.ts";
import { type LabelMap, labelBoxes, maskOf, type Zyx } from "../voxels/index.ts";
import { gridOf, readJsonFixture, readNpzFixture } from "../voxels/testing/fixtures.ts";
import { challengeBox, challengeBoxes } from "./challengeBox.ts";
import { nextClick } from "./click.ts";
import { deepestVoxels } from "./deepestVoxels.ts";
import { nextClicks } from "./nextClicks.ts";
import { officialChoice } from "./officialChoice.ts";

const here = (path: string) => new URL(path, import.meta.url);

describe("boxes, against the organisers' generator", () => {
  interface Case {
    mask: string;
    shift: number;
    original_labels: number[];
    boxes: ChallengeBox[];
  }
  const cases = readJsonFixture<Case[]>(here("./fixtures/boxes/cases.json"));
  const masks = readNpzFixture(here("./fixtures/boxes/masks.npz"));

  it.each(cases)("$mask, shift $shift", ({ mask, shift, original_labels, boxes }) => {
    const labels = gridOf<Uint8Array>(masks, mask);
    expect([...challengeBoxes(labels, () => shift)]).toEqual(original_labels.map((label, i) => [label, boxes[i]]));
    expect(challengeBox(labels, original_labels[0]!, shift)).toEqual(boxes[0]);
  });
});

describe("the choice among equally deep voxels, against numpy", () => {
  it("takes the same one for every tried count", () => {
    const { k } = readJsonFixture<{ k: Record<string, number> }>(here("./fixtures/choice.json"));
    const counts = Object.keys(k);
    expect(counts.length).toBe(293);
    for (const count of counts) expect([count, officialChoice(Number(count))]).toEqual([count, k[count]]);
  });
});

describe("clicks, against the official evaluator", () => {
  interface Case {
    name: string;
    max_d2: number;
    n_candidates: number;
    click: Zyx;
  }
  const { cases } = readJsonFixture<{ cases: Case[] }>(here("../voxels/fixtures/edt/cases.json"));
  const masks = readNpzFixture(here("../voxels/fixtures/edt/arrays.npz"));

  it.each(cases)("in an error shaped as $name", ({ name, click, n_candidates }) => {
    const truth = gridOf<Uint8Array>(masks, name);
    const nothing = { data: new Uint8Array(truth.data.length), shape: truth.shape };
    expect(nextClick(truth, nothing)).toEqual({ at: click, foreground: true });
    expect(nextClick(nothing, truth)).toEqual({ at: click, foreground: false });
    const { box } = labelBoxes(truth).get(1)!;
    expect(deepestVoxels(maskOf(truth, 1, box)).count).toBe(n_candidates);
  });
});

describe("the toy model played through, against the official evaluator", () => {
  interface Case {
    calls: number;
    clicks: { fg: Zyx[]; bg: Zyx[] }[];
    clicks_order: ("fg" | "bg" | null)[][];
  }
  const evaluator = (path: string) => here(`../scoring/fixtures/evaluator/${path}`);
  const perClass = readJsonFixture<Record<string, Case>>(evaluator("expected/per_class.json"));
  const boxes = readJsonFixture<Record<string, ChallengeBox[] | null>>(evaluator("boxes.json"));

  it.each(Object.keys(perClass))("%s: same clicks, same order, same masks", (file) => {
    const truth = gridOf<Uint8Array>(readNpzFixture(evaluator(`gts/${file}`)), "gts") as LabelMap;
    const expected = readNpzFixture(evaluator(`expected/${file}`)).get("all_segs")!;
    const classes = [...labelBoxes(truth).keys()];
    const size = truth.data.length;
    const { clicks, clicks_order, calls } = perClass[file]!;
    let mask: Uint8Array = new Uint8Array(size);
    let call = 0;
    const answers = (segs: Uint8Array) => {
      expect(segs).toEqual(expected.data.subarray(call * size, (call + 1) * size));
      mask = segs;
      call++;
    };
    const ofCase = boxes[file];
    if (ofCase) answers(toyBoxes(ofCase, truth.shape));
    const order: ("fg" | "bg" | null)[][] = classes.map(() => []);
    const points = classes.map(() => ({ fg: [] as Zyx[], bg: [] as Zyx[] }));
    for (let click = 0; click < 5; click++) {
      const found = nextClicks(truth, { data: mask, shape: truth.shape });
      expect([...found.keys()]).toEqual(classes);
      const next = mask.slice();
      classes.forEach((label, i) => {
        const one = found.get(label);
        expect(one).toEqual(nextClick(maskOf(truth, label), maskOf({ data: mask, shape: truth.shape }, label)));
        const kind = one === undefined ? null : one.foreground ? "fg" : "bg";
        order[i]!.push(kind);
        if (one === undefined || kind === null) return;
        points[i]![kind].push(one.at);
        toyBall(next, truth.shape, one.at, kind === "fg" ? undefined : i + 1, kind === "fg" ? i + 1 : 0);
      });
      answers(next);
    }
    expect(call).toBe(calls);
    expect(order).toEqual(clicks_order);
    expect(points).toEqual(clicks);
  });
});

/** The toy model's answer to boxes: box i filled with i + 1, later ones over earlier ones. */
function toyBoxes(boxes: readonly ChallengeBox[], [depth, height, width]: Zyx): Uint8Array {
  const segs = new Uint8Array(depth * height * width);
  boxes.forEach((box, i) => {
    for (let z = box.z_min; z <= box.z_max; z++) {
      for (let y = box.z_mid_y_min; y <= box.z_mid_y_max; y++) {
        const row = (z * height + y) * width;
        segs.fill(i + 1, row + box.z_mid_x_min, row + box.z_mid_x_max + 1);
      }
    }
  });
  return segs;
}

/** Sets to `value` the voxels within 3 of a point that carry `only` (any, where that is undefined). */
function toyBall(segs: Uint8Array, shape: Zyx, at: Zyx, only: number | undefined, value: number): void {
  const [depth, height, width] = shape;
  for (let i = 0; i < depth * height * width; i++) {
    const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    if ((z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2 > 9) continue;
    if (only === undefined || segs[i] === only) segs[i] = value;
  }
}
