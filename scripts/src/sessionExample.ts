import { readImage, readSafetensorsIfThere } from "@ensam/core/files";
import { noTurn, turnToLps } from "@ensam/core/geometry";
import { findModel, loadModel, paperMaxVoxels, trainedMaxVoxels } from "@ensam/core/inference";
import { openSession, type SessionAnswer } from "@ensam/core/session";
import { openDevice } from "@ensam/core/tensors";
import { guessedGreyLevels } from "@ensam/core/voxels";

/** Two clicks into one object, and the second taken back: the masks' sizes after each, in voxels. */
export async function twoClicks(imagePath: string, modelPath: string, device = "auto"): Promise<number[]> {
  const { volume, affine, stored } = await readImage(imagePath);
  const model = findModel(modelPath, readSafetensorsIfThere);
  const opened = await openDevice(device);
  const segmenter = loadModel(model.values, model.config);
  const session = openSession(segmenter, guessedGreyLevels(volume, {}).image, {
    turn: stored.hasDirections ? turnToLps(affine) : noTurn,
    maxVoxels: trainedMaxVoxels(model.metadata) ?? paperMaxVoxels,
    cropWithoutBox: 32,
  });
  const sizes: number[] = [];
  const note = ({ objects, changed }: SessionAnswer) => {
    // `changed` has the box and the labels that are new in it; `session.labels` is the whole map.
    if (changed !== undefined) sizes.push(objects[0]!.voxels);
  };
  const [z, y, x] = volume.shape.map((size) => size >> 1) as [number, number, number];
  note(await session.apply({ type: "object", label: 1, name: "liver", colour: "#f5a623" }));
  note(await session.apply({ type: "click", label: 1, at: [z, y, x], foreground: true }));
  note(await session.apply({ type: "click", label: 1, at: [z, y, x + 3], foreground: false }));
  note(await session.apply({ type: "undo" }));
  session.dispose();
  segmenter.dispose();
  opened.dispose();
  return sizes;
}
