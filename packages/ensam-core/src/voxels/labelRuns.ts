import { sameZyx } from "../geometry/index.ts";
import type { LabelMap } from "./grid.ts";
import { addToRuns, emptyRunList, finishRuns, type RunList, type Runs } from "./runs.ts";
import { nextDifference, nextNonZero, wordsOf } from "./wordScan.ts";

/** Where each label but 0 lies, in ascending order of the label; one pass over the volume. */
export function labelRuns(labels: LabelMap): Map<number, Runs> {
  const { data } = labels;
  const words = wordsOf(data);
  const [, height, width] = labels.shape;
  const lists = new Map<number, RunList>();
  let list = emptyRunList();
  let known = 0;
  const n = data.length;
  for (let i = 0; i < n; ) {
    const label = data[i]!;
    if (label === 0) {
      i = nextNonZero(data, words, i);
      continue;
    }
    const row = (i / width) | 0;
    const rowEnd = (row + 1) * width;
    const start = i;
    do i++;
    while (i < rowEnd && data[i] === label);
    if (label !== known) {
      known = label;
      list = listOf(lists, label);
    }
    addToRuns(list, row, start - row * width, i - row * width);
  }
  return finished(lists, height);
}

/**
 * For each label but 0, the voxels that carry it in exactly one of two maps, in ascending order of the label. Labels
 * that lie alike in both are not listed. One pass over both volumes together.
 */
export function labelErrorRuns(first: LabelMap, second: LabelMap): Map<number, Runs> {
  if (!sameZyx(first.shape, second.shape)) {
    throw new Error(`labelErrorRuns: expected two maps of one shape, got [${first.shape}] and [${second.shape}]`);
  }
  const [, height, width] = first.shape;
  const a = first.data;
  const b = second.data;
  const wordsA = wordsOf(a);
  const wordsB = wordsOf(b);
  const lists = new Map<number, RunList>();
  const n = a.length;
  for (let i = 0; i < n; ) {
    if (a[i] === b[i]) {
      i = nextDifference(a, b, wordsA, wordsB, i);
      continue;
    }
    const labelA = a[i]!;
    const labelB = b[i]!;
    const row = (i / width) | 0;
    const rowEnd = (row + 1) * width;
    const start = i;
    do i++;
    while (i < rowEnd && a[i] === labelA && b[i] === labelB);
    if (labelA !== 0) addToRuns(listOf(lists, labelA), row, start - row * width, i - row * width);
    if (labelB !== 0) addToRuns(listOf(lists, labelB), row, start - row * width, i - row * width);
  }
  return finished(lists, height);
}

function listOf(lists: Map<number, RunList>, label: number): RunList {
  let list = lists.get(label);
  if (list === undefined) {
    list = emptyRunList();
    lists.set(label, list);
  }
  return list;
}

function finished(lists: Map<number, RunList>, height: number): Map<number, Runs> {
  const sorted = [...lists].sort(([p], [q]) => p - q);
  return new Map(sorted.map(([label, list]) => [label, finishRuns(list, height)]));
}
