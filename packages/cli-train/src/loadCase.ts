import { FileError, readChallengeCase, readNpz } from "@ensam/core/files";
import type { CaseArrays } from "@ensam/core/samples";

/**
 * Image and labels of a challenge npz, and its voxel size where it has one.
 *
 * @throws FileError when one is missing, the image is not uint8, or their shapes differ
 */
export async function loadCase(path: string): Promise<CaseArrays> {
  const archive = await readNpz(path);
  const optional = (["spacing"] as const).filter((key) => archive.has(key));
  const { imgs, gts, spacing } = await readChallengeCase(path, ["imgs", "gts", ...optional]);
  if (imgs === undefined) throw new FileError(`${path}: imgs`, "the image", "no such key");
  if (gts === undefined) throw new FileError(`${path}: gts`, "the labels", "no such key");
  if (!(imgs.data instanceof Uint8Array)) {
    throw new FileError(`${path}: imgs`, "uint8 intensities 0..255", imgs.data.constructor.name);
  }
  if (imgs.shape.join() !== gts.shape.join()) {
    throw new FileError(`${path}: gts`, `shape [${imgs.shape}] as imgs`, `[${gts.shape}]`);
  }
  return { imgs: { data: imgs.data, shape: imgs.shape }, gts, ...(spacing && { spacing }) };
}
