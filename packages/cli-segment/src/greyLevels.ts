import { InputError } from "@ensam/core/command";
import {
  type DescribedGreyLevels,
  type Grid,
  guessedGreyLevels as guess,
  type KnownIntensity,
} from "@ensam/core/voxels";

/** As the room voxels does it; values that are no grey levels are the input's fault, not the program's. */
export function guessedGreyLevels(image: Grid, known: KnownIntensity): DescribedGreyLevels {
  try {
    return guess(image, known);
  } catch (error) {
    throw new InputError((error as Error).message, { cause: error });
  }
}
