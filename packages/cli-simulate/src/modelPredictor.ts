import { basename, dirname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Context, deviceSettings, sha256OfFile } from "@ensam/core/command";
import { readSafetensorsIfThere } from "@ensam/core/files";
import { boxOfChallenge, paperMaxVoxels } from "@ensam/core/geometry";
import { findModel, loadModel, simulateCase, trainedMaxVoxels } from "@ensam/core/inference";
import { openDevice } from "@ensam/core/tensors";
import { eightBit } from "./eightBit.ts";
import type { SimulateOptions } from "./options.ts";
import { type Predictor, withPrompts } from "./predictor.ts";

/** Our own model from a run folder or a checkpoint, on the device that the options ask for. */
export async function modelPredictor(context: Context<SimulateOptions>, model: string): Promise<Predictor> {
  const { options } = context;
  const stored = findModel(model, readSafetensorsIfThere);
  const maxVoxels = options.maxVoxels ?? trainedMaxVoxels(stored.metadata) ?? paperMaxVoxels;
  const sha256 = await sha256OfFile(stored.path);
  const device = await openDevice(options.device, deviceSettings(options));
  context.note(`device: ${device.description}`);
  const segmenter = loadModel(stored.values, stored.config);
  return {
    name: options.name ?? withPrompts(modelName(stored.path), options),
    identity: {
      model: sha256,
      maxVoxels,
      cropWithoutBox: options.cropWithoutBox ?? null,
      ...(options.crops !== "case" && { crops: options.crops }),
      ...(options.exclusive && { exclusive: true }),
      ...(options.precision !== "f32" && { precision: options.precision }),
    },
    sha256,
    crops: options.crops,
    jobs: 1,
    files: [stored.path],
    simulate(item) {
      if (stored.config.coordinates === "mm" && item.content.spacing === undefined) {
        context.log.warn(
          `${item.npz}: spacing: expected the voxel size (the model takes positions in mm), got none; taken for cubes`,
        );
      }
      const boxes = item.boxes?.map((box, i) => [item.labels[i]!, boxOfChallenge(box)] as const);
      return simulateCase(segmenter, eightBit(item.npz, item.image), item.truth, {
        labels: item.labels,
        boxes: new Map(boxes),
        crops: options.crops,
        maxVoxels,
        cropWithoutBox: options.cropWithoutBox,
        exclusive: options.exclusive,
        spacing: item.content.spacing,
        now: () => performance.now() / 1000,
        pause: nextTurn, // Signals are heard between turns of the event loop only.
      });
    },
    dispose() {
      segmenter.dispose();
      device.dispose();
    },
  };
}

/** `runs/a/checkpoints/best.safetensors` is called a, `other/net.safetensors` net. */
function modelName(path: string): string {
  const folder = dirname(path);
  return basename(folder) === "checkpoints" ? basename(dirname(folder)) : basename(path, ".safetensors");
}
