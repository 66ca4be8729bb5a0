import type { Box, Click } from "../geometry/index.ts";
import type { LabelMap } from "../voxels/index.ts";
import { interact } from "./interact.ts";
import { type Round, type Shown, type SimulatedUserOptions, simulatedUser } from "./simulatedUser.ts";

/** An answer to a round, and the seconds it took. */
export interface Answer extends Shown {
  readonly seconds: number;
}

/** A case as it was played. */
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

/** The challenge's user with anything that answers prompts, and all that was said. */
export async function simulation(
  truth: LabelMap,
  options: SimulatedUserOptions,
  model: (round: Round) => Promise<Answer>,
): Promise<Simulation> {
  const { labels, boxes = new Map() } = options;
  const user = simulatedUser(truth, options);
  const answers: Answer[] = [];
  await interact(user, async (round) => {
    const answer = await model(round);
    answers.push(answer);
    return answer;
  });
  return {
    labels,
    hasBox: user.hasBox,
    boxes,
    maps: answers.map((answer) => answer.labels),
    seconds: answers.map((answer) => answer.seconds),
    clicks: new Map(labels.map((label, i) => [label, user.history[i]!])),
  };
}
