import { type Context, type DeviceChoice, deviceSettings, modelOrBuiltin, sha256OfFile } from "@ensam/core/command";
import { readSafetensorsIfThere } from "@ensam/core/files";
import type { Segmenter } from "@ensam/core/inference";

/** The options that choose a model and where it runs. */
export interface ModelOptions extends DeviceChoice {
  readonly model?: string;
  readonly maxVoxels?: number;
}

/** The model on its device, for any number of images. */
export interface OpenModel {
  readonly segmenter: Segmenter;
  /** Its file. */
  readonly path: string;
  readonly sha256: string;
  /** Largest crop that it is given, voxels. */
  readonly maxVoxels: number;
  /** Whether it was trained to answer clicks without a box; undefined where its file does not say. */
  readonly knowsClicksAlone: boolean | undefined;
  dispose(): void;
}

/** Opens the model and the device that the options ask for. The engine takes time to load, so what can be wrong before is checked before. */
export async function openModel(context: Context<ModelOptions>): Promise<OpenModel> {
  const { options } = context;
  const { findModel, loadModel, paperMaxVoxels, trainedMaxVoxels, trainedOnClicksAlone } = await import(
    "@ensam/core/inference"
  );
  const { openDevice } = await import("@ensam/core/tensors");
  const chosen = await modelOrBuiltin(context, options.model);
  const stored = findModel(chosen.path, readSafetensorsIfThere);
  const sha256 = chosen.sha256 ?? (await sha256OfFile(stored.path));
  const device = await openDevice(options.device, deviceSettings(options));
  context.note(`device: ${device.description}`);
  const segmenter = loadModel(stored.values, stored.config);
  return {
    segmenter,
    path: stored.path,
    sha256,
    maxVoxels: options.maxVoxels ?? trainedMaxVoxels(stored.metadata) ?? paperMaxVoxels,
    knowsClicksAlone: trainedOnClicksAlone(stored.metadata),
    dispose() {
      segmenter.dispose();
      device.dispose();
    },
  };
}
