import type { Box, Click, PromptedObject } from "../geometry/index.ts";
import { emptyLabels, type LabelMap } from "../voxels/index.ts";
import type { CountedUser } from "./interact.ts";
import { nextClicks } from "./nextClicks.ts";

/** Clicks that the challenge gives after the box. */
export const challengeClicks = 5;

/** Where the next click of each label goes; `undefined` for a label without error. */
export type ClickRule = (
  truth: LabelMap,
  prediction: LabelMap,
  labels: readonly number[],
) => ReadonlyMap<number, Click | undefined>;

export interface SimulatedUserOptions {
  /** Labels to segment, ascending. */
  readonly labels: readonly number[];
  /** Half-open box of each label. Empty or absent: there is no box interaction. */
  readonly boxes?: ReadonlyMap<number, Box>;
  /** Clicks after the box. @default 5 */
  readonly clicks?: number;
  /** @default the challenge's */
  readonly clickRule?: ClickRule;
}

/** One question of the simulated user. */
export interface Round {
  /** 0 is the box, 1 to 5 are the clicks. */
  readonly interaction: number;
  /** All prompts so far, one object per label, in the order of the labels. */
  readonly objects: readonly PromptedObject[];
  /** Clicks of all rounds so far in the order of the labels, `undefined` where a label had no error. */
  readonly history: readonly (readonly (Click | undefined)[])[];
  /** The answer before: all background in the first round. */
  readonly previous: LabelMap;
}

/** The part of an answer that the user looks at. */
export interface Shown {
  readonly labels: LabelMap;
  /** What the next clicks are placed by and the next round is told, where it is not `labels`. */
  readonly seen?: LabelMap;
}

/** Asks as many times as there are clicks, and once more with boxes. */
export interface SimulatedUser extends CountedUser<Round, Shown> {
  readonly hasBox: boolean;
  /** Clicks so far in the order of the labels, `undefined` where a label had no error. */
  readonly history: Round["history"];
  ask(): Round | undefined;
}

/**
 * The challenge's user: a box for every label if there are boxes, then clicks. Before each question every label gets
 * its click, all placed from the same last label map. A label without error gets none, and the question is asked with
 * the prompts there are, as the challenge's evaluator does. Without boxes the first clicks come from the empty map.
 */
export function simulatedUser(
  truth: LabelMap,
  { labels, boxes = new Map(), clicks = challengeClicks, clickRule = nextClicks }: SimulatedUserOptions,
): SimulatedUser {
  const history: (Click | undefined)[][] = labels.map(() => []);
  const hasBox = boxes.size > 0;
  const first = hasBox ? 0 : 1;
  let next = first;
  let previous = emptyLabels(truth.shape, 0);
  return {
    hasBox,
    rounds: clicks + 1 - first,
    history,
    ask() {
      if (next > clicks) return undefined;
      const interaction = next++;
      const placed = interaction === 0 ? undefined : clickRule(truth, previous, labels);
      if (placed !== undefined) for (const [i, label] of labels.entries()) history[i]!.push(placed.get(label));
      const objects = labels.map((label, i) => ({
        label,
        ...(boxes.has(label) && { box: boxes.get(label)! }),
        clicks: history[i]!.filter((click) => click !== undefined),
      }));
      return { interaction, objects, history, previous };
    },
    see({ labels, seen = labels }) {
      previous = seen;
    },
  };
}
