import type { ImageFile } from "@ensam/core/files";
import { guessedGreyLevels } from "@ensam/core/voxels";
import { coarseVolume, displayImage, displayWindows, largestAtOnce, valueRange } from "./displayImage.ts";
import type { CaseOptions, CaseProgress } from "./openCase.ts";

/** What the page can be shown while the first image is still being opened. */
export interface FirstPicture extends CaseProgress {
  /** Resolves when the image's size is known and fits: what is left takes long and seldom fails. */
  readonly begun: Promise<void>;
  /** A coarse image as soon as the voxels are read; `undefined` where the whole one comes as fast, or none comes. */
  readonly picture: Promise<Uint8Array | undefined>;
  /** To be called when a page has got the picture. */
  sent(): void;
  /** No picture comes any more. */
  end(): void;
}

/** Grey levels and hashes keep this thread busy for a second: a page that waits gets its picture before. */
const sendMilliseconds = 300;

export function firstPicture(options: Pick<CaseOptions, "modality" | "window" | "passThrough">): FirstPicture {
  const begun = open<void>();
  const picture = open<Uint8Array | undefined>();
  const sent = open<void>();
  return {
    begun: begun.promise,
    picture: picture.promise,
    sent: sent.resolve,
    end() {
      picture.resolve(undefined);
      sent.resolve();
    },
    onSize: begun.resolve,
    async onRead(file) {
      begun.resolve();
      const isLarge = file.volume.data.length > largestAtOnce;
      picture.resolve(isLarge ? coarsePicture(file, options) : undefined);
      if (!isLarge) return;
      const late = setTimeout(sent.resolve, sendMilliseconds);
      await sent.promise;
      clearTimeout(late);
    },
  };
}

function coarsePicture(file: ImageFile, options: Parameters<typeof firstPicture>[0]): Uint8Array {
  const coarse = coarseVolume(file);
  const { data } = coarse.volume;
  // Grey levels that cannot pass through are refused in a moment, in words.
  const { window } = guessedGreyLevels(coarse.volume, { ...options, passThrough: false });
  return displayImage(coarse, displayWindows(data, valueRange(data), window)[0]);
}

function open<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void;
  const promise = new Promise<Value>((take) => {
    resolve = take;
  });
  return { promise, resolve: resolve! };
}
