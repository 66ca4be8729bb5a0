import { type Box, type Click, type Prompts, wholeBox } from "../geometry/index.ts";
import { type CountedUser, simulatedUser } from "../prompts/index.ts";
import type { Sample } from "../samples/index.ts";
import { dice } from "../scoring/index.ts";
import { crop } from "../voxels/index.ts";

/** The simulated user of one sample, on its grid, who keeps the score. */
export interface SampleUser extends CountedUser<Prompts, Uint8Array> {
  /** DSC after the box and after each click so far; the first is undefined in an episode without box. */
  readonly dsc: readonly (number | undefined)[];
  clicks(): Click[];
}

/**
 * The box, then `clicks` clicks, each placed by the challenge's rule from the last prediction, inside of the part that
 * is not padding. Is shown answers of the sample's whole grid, 1 where they say object, else 0.
 */
export function sampleUser({ frame, target, box }: Sample, clicks: number): SampleUser {
  const onContent = (data: Uint8Array) => crop<Uint8Array>({ data, shape: frame.shape }, wholeBox(frame.content));
  const truth = onContent(target);
  const boxes = new Map<number, Box>(box && [[1, box]]);
  const user = simulatedUser(truth, { labels: [1], boxes, clicks });
  const dsc: (number | undefined)[] = user.hasBox ? [] : [undefined];
  return {
    rounds: user.rounds,
    dsc,
    clicks: () => user.history[0]!.filter((click) => click !== undefined),
    ask: () => user.ask()?.objects[0],
    see(foreground) {
      const labels = onContent(foreground);
      dsc.push(dice(truth, labels));
      user.see({ labels });
    },
  };
}
