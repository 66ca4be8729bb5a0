import { type Frame, paperMaxVoxels, voxelCount } from "../geometry/index.ts";
import type { Grid } from "../voxels/index.ts";
import { disposeEncoded, type EncodedFrame, encodeFrame, type Segmenter } from "./segmenter.ts";

/** Crops of one image after the encoder, the last used ones kept on the device. */
export interface EncodedFrames {
  has(frame: Frame): boolean;
  /** Runs the encoder if the crop is not there. */
  of(frame: Frame): EncodedFrame;
  dispose(): void;
}

/** @param keepCells  cells of encoded crops that stay; the last one always does */
export function encodedFrames(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  keepCells = paperMaxVoxels,
): EncodedFrames {
  /** The least recently used first. */
  const kept = new Map<string, EncodedFrame>();

  function makeRoom(cells: number): void {
    let sum = cells;
    for (const { frame } of kept.values()) sum += voxelCount(frame.shape);
    for (const [key, encoded] of kept) {
      if (sum <= keepCells) return;
      sum -= voxelCount(encoded.frame.shape);
      disposeEncoded(encoded);
      kept.delete(key);
    }
  }

  return {
    has: (frame) => kept.has(keyOf(frame)),
    of(frame) {
      const key = keyOf(frame);
      let encoded = kept.get(key);
      if (encoded === undefined) {
        makeRoom(voxelCount(frame.shape));
        encoded = encodeFrame(segmenter, image, frame);
      }
      kept.delete(key);
      kept.set(key, encoded);
      return encoded;
    },
    dispose() {
      for (const encoded of kept.values()) disposeEncoded(encoded);
      kept.clear();
    },
  };
}

function keyOf({ crop, pooling }: Frame): string {
  return `${crop.min} ${crop.max} ${pooling}`;
}
