import { type AlignedLabels, alignLabels } from "./alignLabels.ts";
import { challengeCaseOf } from "./challengeCase.ts";
import { readNpz } from "./npz.ts";
import { npzPlacement } from "./readNpzImage.ts";

/**
 * The `gts` of a truth npz on the grid of its case: the challenge's files state no orientation and are taken as they
 * are; where both files state theirs (`affine`, or `direction` and `origin`), the truth is turned onto the case's axes.
 *
 * @param truthPath  may be the case itself
 * @throws FileError where the truth has another shape than the case's `imgs`, or lies elsewhere
 */
export async function readTruth(truthPath: string, casePath: string): Promise<AlignedLabels> {
  const archive = await readNpz(truthPath);
  const labels = challengeCaseOf(archive, ["gts"]).gts!;
  const isPlaced = archive.has("direction") || archive.has("affine");
  if (truthPath === casePath || !isPlaced) return { labels, warnings: [] };
  const image = await readNpz(casePath);
  const shape = challengeCaseOf(image, ["imgs"]).imgs!.shape;
  return alignLabels(truthPath, { shape, ...npzPlacement(image) }, { labels, ...npzPlacement(archive) });
}
