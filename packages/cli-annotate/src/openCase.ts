import { InputError } from "@ensam/core/command";
import { type ImageFile, readImage } from "@ensam/core/files";
import { isNoTurn, noTurn, turnToLps } from "@ensam/core/geometry";
import type { SessionImage } from "@ensam/core/sessionThread";
import { guessedGreyLevels, type Window } from "@ensam/core/voxels";
import type { AnnotateOptions } from "./options.ts";

/** An image as it was read, and what a session takes of it. */
export interface OpenCase {
  readonly file: ImageFile;
  readonly session: Omit<SessionImage, "log">;
  /** The window of a CT. */
  readonly window?: Window;
  readonly notes: readonly string[];
}

type CaseOptions = Pick<
  AnnotateOptions,
  "key" | "volume" | "series" | "anyway" | "modality" | "window" | "passThrough" | "maxVoxels" | "cropWithoutBox"
>;

/** What 3-D textures hold on every graphics card that WebGL 2 runs on in practice. */
const largestSide = 2048;

/** Reads an image and makes its grey levels, as ensam-segment does. */
export async function openCase(path: string, options: CaseOptions): Promise<OpenCase> {
  const file = await readImage(path, { key: options.key, volume: options.volume, dicom: options });
  const longest = Math.max(...file.volume.shape);
  if (longest > largestSide) {
    throw new InputError(
      `${path}: expected at most ${largestSide} voxels along each axis (WebGL's textures), got ${longest}`,
    );
  }
  const { modality, window, passThrough } = options;
  const grey = greyLevelsOf(file, options);
  const turn = file.stored.hasDirections ? turnToLps(file.affine) : noTurn;
  const turned = isNoTurn(turn) ? [] : [`axes: seen by the model as LPS, stored as ${file.stored.axes}`];
  const intensity = {
    modality,
    window,
    passThrough: passThrough || undefined,
    key: options.key,
    volume: options.volume,
  };
  const { maxVoxels, cropWithoutBox } = options;
  return {
    file,
    session: {
      image: grey.image,
      spacing: file.volume.spacing,
      header: { image: path, intensity, turn, maxVoxels, cropWithoutBox },
    },
    ...(grey.window && { window: grey.window }),
    notes: [...file.notes, ...grey.notes, ...turned],
  };
}

function greyLevelsOf({ volume }: ImageFile, options: CaseOptions) {
  try {
    return guessedGreyLevels(volume, options);
  } catch (error) {
    throw new InputError((error as Error).message, { cause: error });
  }
}
