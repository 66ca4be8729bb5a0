import { voxelCount } from "../geometry/index.ts";
import { disposeView, type EncodedView, encodeView, type Segmenter, type View } from "../inference/index.ts";
import type { Grid } from "../voxels/index.ts";

/** Crops of one image after the encoder, the last used ones kept on the device. */
export interface EncodedViews {
  has(view: View): boolean;
  /** Runs the encoder if the crop is not there. */
  of(view: View): EncodedView;
  dispose(): void;
}

/** As many cells as one crop of the paper's largest size has (ENSAM §3.2.3). */
const defaultKeepCells = 4_194_304;

export function encodedViews(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  keepCells = defaultKeepCells,
): EncodedViews {
  /** The least recently used first. */
  const kept = new Map<string, EncodedView>();

  function makeRoom(cells: number): void {
    let sum = cells;
    for (const { view } of kept.values()) sum += voxelCount(view.paddedShape);
    for (const [key, encoded] of kept) {
      if (sum <= keepCells) return;
      sum -= voxelCount(encoded.view.paddedShape);
      disposeView(encoded);
      kept.delete(key);
    }
  }

  return {
    has: (view) => kept.has(keyOf(view)),
    of(view) {
      const key = keyOf(view);
      let encoded = kept.get(key);
      if (encoded === undefined) {
        makeRoom(voxelCount(view.paddedShape));
        encoded = encodeView(segmenter, image, view);
      }
      kept.delete(key);
      kept.set(key, encoded);
      return encoded;
    },
    dispose() {
      for (const encoded of kept.values()) disposeView(encoded);
      kept.clear();
    },
  };
}

function keyOf({ crop, factors }: View): string {
  return `${crop.min} ${crop.max} ${factors}`;
}
