import type { LabelMap, Zyx } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { doubtsAboutModel, lookWords, warningsAbout } from "./warnings.ts";

const shape: Zyx = [1, 1, 8];
const image = { data: Uint8Array.of(0, 0, 0, 0, 10, 20, 30, 40), shape };
const map = (...values: number[]): LabelMap => ({ data: Uint8Array.from(values), shape });
const clean = { rescued: [], lost: [] };
const box = { min: [0, 0, 0] as Zyx, max: [1, 1, 3] as Zyx };
const click = (x: number, foreground = true) => ({ at: [0, 0, x] as Zyx, foreground });

test("a model that always had a box is doubted for objects without one", () => {
  const objects = [
    { label: 1, box, clicks: [] },
    { label: 2, name: "liver", clicks: [click(1)] },
  ];
  expect(doubtsAboutModel(objects, false)[0]).toMatch(/trained with a box for every object .* give boxes for liver$/);
  expect(doubtsAboutModel(objects.slice(0, 1), false)).toEqual([]);
  // Trained on clicks alone, or not known.
  expect([doubtsAboutModel(objects, true), doubtsAboutModel(objects, undefined)]).toEqual([[], []]);
});

test("a mask that agrees with its prompts gives no warning", () => {
  const object = { label: 1, box, clicks: [click(1), click(5, false)] };
  expect(warningsAbout(image, [object], { labels: map(1, 1, 1, 0, 0, 0, 0, 0), ...clean })).toEqual([]);
});

test("an empty mask is told with the cause that the image shows", () => {
  const labels = map(0, 0, 0, 0, 0, 0, 0, 0);
  const flat = warningsAbout(image, [{ label: 1, name: "liver", box, clicks: [] }], { labels, rescued: [], lost: [1] });
  expect(flat[0]).toMatch(/^object 1 \(liver\): the mask is empty; the image is one grey level around its prompts/);
  const other = warningsAbout(image, [{ label: 1, clicks: [click(6)] }], { labels, rescued: [], lost: [1] });
  expect(other[0]).toMatch(/^object 1: the mask is empty; check the order of the prompts/);
});

test("clicks that the mask contradicts are counted", () => {
  const object = { label: 1, clicks: [click(4), click(5), click(6, false)] };
  expect(warningsAbout(image, [object], { labels: map(0, 0, 0, 0, 1, 0, 1, 0), ...clean })).toEqual([
    "object 1: the mask contradicts 2 of 3 clicks (0,0,5 fg; 0,0,6 bg): are its axes swapped? Voxels are z,y,x, millimetres x,y,z; else another click there may help",
  ]);
});

test("a click inside and one outside on the same voxel are named as that, whatever the mask is", () => {
  const object = { label: 1, clicks: [click(4), click(5, false), click(5), click(6)] };
  const clash =
    "object 1: a click inside (fg) and one outside (bg) are on the same voxel (0,0,5): no mask can follow both, take one back";
  expect(warningsAbout(image, [object], { labels: map(0, 0, 0, 0, 1, 0, 1, 0), ...clean })).toEqual([clash]);
  expect(warningsAbout(image, [object], { labels: map(0, 0, 0, 0, 1, 1, 0, 0), ...clean })).toEqual([
    clash,
    expect.stringMatching(/^object 1: the mask contradicts 1 of 4 clicks \(0,0,6 fg\)/),
  ]);
  expect(warningsAbout(image, [object], { labels: map(0, 0, 0, 0, 0, 0, 0, 0), rescued: [], lost: [1] })).toEqual([
    clash,
    expect.stringContaining("the mask is empty"),
  ]);
});

test("a mask that lies mostly outside of its box is told", () => {
  const labels = map(0, 0, 1, 1, 1, 0, 0, 0);
  expect(warningsAbout(image, [{ label: 1, box, clicks: [] }], { labels, ...clean })).toEqual([
    "object 1: more than half of the mask lies outside of its box (2 of 3 voxels): are its axes swapped? Voxels are z,y,x, millimetres x,y,z; else a click outside (bg) may help",
  ]);
});

test("second looks are told object by object, of many objects in one sentence", () => {
  const look = (why: "wider" | "finer") => ({ why, crop: { min: [0, 1, 2] as Zyx, max: [3, 4, 5] as Zyx } });
  const objects = [1, 2, 3, 4].map((label) => ({ label, ...(label === 2 && { name: "liver" }), clicks: [] }));
  expect(lookWords(objects, new Map([[2, [look("wider"), look("finer")]]]))).toEqual([
    "object 2 (liver): its mask touches the border of what was looked at; looked again in a wider crop, voxels 0,1,2 to 2,3,4",
    "object 2 (liver): it was seen pooled; looked again in a finer crop, voxels 0,1,2 to 2,3,4",
  ]);
  expect(lookWords(objects, new Map(objects.map(({ label }) => [label, [look("finer")]])))).toEqual([
    "4 objects: they were seen pooled; looked again in finer crops: 1, liver, 3, 4",
  ]);
});
