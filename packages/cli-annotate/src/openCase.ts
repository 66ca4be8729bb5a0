import { expectFreeMemory, freeMemory, InputError } from "@ensam/core/command";
import { type ImageFile, readImage } from "@ensam/core/files";
import { isNoTurn, noTurn, turnToLps } from "@ensam/core/geometry";
import type { SessionImage, SessionThread } from "@ensam/core/sessionThread";
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

export type CaseOptions = Pick<
  AnnotateOptions,
  "key" | "volume" | "series" | "anyway" | "modality" | "window" | "passThrough" | "maxVoxels" | "cropWithoutBox"
>;

/** Told on the way, for whoever waits. */
export interface CaseProgress {
  /** The header was read, and the image fits into memory. */
  onSize(): void;
  /** The voxels are there. */
  onRead(file: ImageFile): Promise<void>;
}

/** What 3-D textures hold on every graphics card that WebGL 2 runs on in practice. */
const largestSide = 2048;

/**
 * Reads an image and makes its grey levels, as ensam-segment does. An image that cannot fit is refused before its
 * voxels are read.
 *
 * @param starting  whose session it becomes; the voxels are read while it starts
 * @param free      bytes of memory that there are
 */
export async function openCase(
  path: string,
  options: CaseOptions,
  starting: Promise<Pick<SessionThread, "memoryOf">>,
  free = freeMemory(),
  progress?: CaseProgress,
): Promise<OpenCase> {
  let isTooLarge = false;
  let fits: Promise<unknown> = starting;
  let refuse: (error: unknown) => void;
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const onSize = (voxels: number, bytes: number) => {
    // The page gets its own copy, behind a header.
    const image = { image: bytes, "the page's copy": bytes };
    fits = starting.then((thread) =>
      expectFreeMemory(path, { ...image, ...thread.memoryOf(voxels, options.maxVoxels) }, free),
    );
    fits.then(progress?.onSize, refuse);
    // What does not fit even without the model is not read.
    isTooLarge = 2 * bytes > free;
    if (isTooLarge) throw new Error("ends the reading");
  };
  const reading = readImage(path, { key: options.key, volume: options.volume, dicom: options, onSize });
  // The refusal says all that would be needed, the model too.
  const orRefused = reading.catch((error) => (isTooLarge ? refused : Promise.reject(error)));
  const file = await Promise.race([orRefused, refused]);
  await fits;
  const longest = Math.max(...file.volume.shape);
  if (longest > largestSide) {
    throw new InputError(
      `${path}: expected at most ${largestSide} voxels along each axis (WebGL's textures), got ${longest}`,
    );
  }
  await progress?.onRead(file);
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
