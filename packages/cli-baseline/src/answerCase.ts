import { type ChallengeCase, FileError } from "@ensam/core/files";
import { boxOfChallenge } from "@ensam/core/prompts";
import { boxShape, type Grid, greyLevels, type LabelMap, voxelCount, type Zyx } from "@ensam/core/voxels";
import { filledBox } from "./filledBox.ts";
import { inscribedEllipsoid } from "./inscribedEllipsoid.ts";
import { type Answer, boxRound, type KnownObject } from "./prompts.ts";
import { randomWalker } from "./randomWalker.ts";

export const methods = ["box", "ellipsoid", "random-walker"] as const;
export type Method = (typeof methods)[number];

/**
 * The label map that a method answers to the prompts of a challenge file: 1, 2, ... in the order of its boxes or
 * clicks.
 *
 * @throws FileError when the file has no image, or neither boxes nor clicks
 */
export function answerCase(where: string, input: ChallengeCase, method: Method, beta: number): LabelMap {
  const { imgs, spacing = [1, 1, 1] } = input;
  if (imgs === undefined) throw new FileError(`${where}: imgs`, "the image", "no such key");
  const image = greyLevels(imgs).grid;
  const objects = knownObjects(where, input, image.shape);
  const answers = objects.map((object) => object && answer(method, object, image, spacing, beta));
  return merged(answers, image.shape);
}

function answer(method: Method, object: KnownObject, image: Grid<Uint8Array>, spacing: Zyx, beta: number): Answer {
  switch (method) {
    case "box":
      return filledBox(object);
    case "ellipsoid":
      return inscribedEllipsoid(object);
    case "random-walker":
      return randomWalker(image, object, spacing, beta);
  }
}

/** One entry for each box or click entry; `undefined` where nothing says where the object is. */
function knownObjects(where: string, { boxes, clicks }: ChallengeCase, shape: Zyx): (KnownObject | undefined)[] {
  const count = boxes?.length ?? clicks?.length;
  if (count === undefined) throw new FileError(`${where}`, "boxes or clicks", "neither");
  return Array.from({ length: count }, (_, i) => {
    const { fg: foreground, bg: background } = clicks?.[i] ?? { fg: [], bg: [] };
    const stored = boxes?.[i];
    const first = foreground[0];
    if (stored !== undefined) return { box: boxOfChallenge(stored), foreground, background };
    return first && { box: boxRound(first, shape), foreground, background };
  });
}

function merged(answers: readonly (Answer | undefined)[], shape: Zyx): LabelMap {
  const data = answers.length < 256 ? new Uint8Array(voxelCount(shape)) : new Uint16Array(voxelCount(shape));
  const best = new Float32Array(data.length);
  answers.forEach((answer, i) => {
    if (answer === undefined) return;
    const { min } = answer.box;
    const size = boxShape(answer.box);
    let index = 0;
    for (let z = 0; z < size[0]; z++) {
      for (let y = 0; y < size[1]; y++) {
        const row = ((z + min[0]) * shape[1] + y + min[1]) * shape[2] + min[2];
        for (let x = 0; x < size[2]; x++, index++) {
          const score = answer.scores[index]!;
          if (score > best[row + x]!) [best[row + x], data[row + x]] = [score, i + 1];
        }
      }
    }
  });
  return { data, shape };
}
