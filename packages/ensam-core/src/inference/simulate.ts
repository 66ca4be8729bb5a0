import { type Box, type Grid, type LabelMap, sameZyx } from "../voxels/index.ts";
import { emptyLabels } from "./merge.ts";
import { openVolume, type VolumeOptions } from "./openVolume.ts";
import type { Click, PromptedObject } from "./prompts.ts";
import type { Segmenter } from "./segmenter.ts";

/** Clicks that the challenge gives after the box. */
export const challengeClicks = 5;

/** Where the next click of each label goes; `undefined` for a label without error. The prompts room has the official one. */
export type ClickRule = (
  truth: LabelMap,
  prediction: LabelMap,
  labels: readonly number[],
) => ReadonlyMap<number, Click | undefined>;

export interface LoopOptions {
  /** Labels to segment, ascending. */
  readonly labels: readonly number[];
  /** Half-open box of each label. Empty or absent: there is no box interaction. */
  readonly boxes?: ReadonlyMap<number, Box>;
  readonly clickRule: ClickRule;
  /** Clicks after the box. @default 5 */
  readonly clicks?: number;
}

/** What happened in one interaction, for whoever answers it. */
export interface Round {
  /** 0 is the box, 1 to 5 are the clicks. */
  readonly interaction: number;
  /** All prompts so far, one object per label, in the order of the labels. */
  readonly objects: readonly PromptedObject[];
  /** This round's clicks in the order of the labels; empty in the box round. */
  readonly newest: readonly (Click | undefined)[];
  /** Clicks of all rounds so far in the order of the labels, with gaps where a label had no error. */
  readonly history: readonly (readonly (Click | undefined)[])[];
  /** The answer before: all background in the first round. */
  readonly previous: LabelMap;
}

/** An answer to a round, and the seconds it took. */
export interface Answer {
  readonly labels: LabelMap;
  readonly seconds: number;
}

export interface Simulation {
  readonly labels: readonly number[];
  readonly hasBox: boolean;
  /** Half-open prompt box of each label that had one. */
  readonly boxes: ReadonlyMap<number, Box>;
  /** One label map per answered interaction: six, or five without a box. */
  readonly maps: readonly LabelMap[];
  /** Wall time of each answer in `maps`, seconds. */
  readonly seconds: readonly number[];
  /** For each label its clicks in order, `undefined` where it had no error. */
  readonly clicks: ReadonlyMap<number, readonly (Click | undefined)[]>;
}

/**
 * The challenge's loop around anything that answers prompts: a box for every label if there are boxes, then five
 * clicks. Before each answer every label gets its click, all placed from the same last label map.
 */
export async function interactionLoop(
  truth: LabelMap,
  { labels, boxes = new Map(), clickRule, clicks: clickCount = challengeClicks }: LoopOptions,
  answer: (round: Round) => Promise<Answer>,
): Promise<Simulation> {
  const history: (Click | undefined)[][] = labels.map(() => []);
  const maps: LabelMap[] = [];
  const seconds: number[] = [];
  const hasBox = boxes.size > 0;
  let previous: LabelMap = emptyLabels(truth.shape, 0);
  for (let interaction = hasBox ? 0 : 1; interaction <= clickCount; interaction++) {
    const clicks = interaction === 0 ? undefined : clickRule(truth, previous, labels);
    const newest = clicks === undefined ? [] : labels.map((label) => clicks.get(label));
    for (const [i, click] of newest.entries()) history[i]!.push(click);
    const objects = labels.map((label, i) => ({ label, box: boxes.get(label), clicks: placed(history[i]!) }));
    const given = await answer({ interaction, objects, newest, history, previous });
    seconds.push(given.seconds);
    maps.push(given.labels);
    previous = given.labels;
  }
  return { labels, hasBox, boxes, maps, seconds, clicks: new Map(labels.map((label, i) => [label, history[i]!])) };
}

/**
 * The challenge's loop with a segmenter: the volume is encoded once (again only if a click falls outside of the crop),
 * each object keeps its own previous logits.
 *
 * @param image  the 8-bit volume, same shape as `truth`
 * @param now    a clock, in seconds
 */
export async function simulateCase(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  truth: LabelMap,
  { now, ...options }: LoopOptions & VolumeOptions & { readonly now: () => number },
): Promise<Simulation> {
  if (!sameZyx(image.shape, truth.shape)) {
    throw new RangeError(`simulateCase: truth: expected shape [${image.shape}], got [${truth.shape}]`);
  }
  const volume = openVolume(segmenter, image, options);
  try {
    return await interactionLoop(truth, options, async ({ objects }) => {
      const start = now();
      const { labels } = await volume.predict(objects);
      return { labels, seconds: now() - start };
    });
  } finally {
    volume.dispose();
  }
}

function placed(clicks: readonly (Click | undefined)[]): Click[] {
  return clicks.filter((click) => click !== undefined);
}
