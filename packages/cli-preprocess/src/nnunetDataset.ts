import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError, type Modality, readJsonFile } from "@ensam/core/command";

/** What the dataset.json of nnU-Net (either version) or of the Medical Segmentation Decathlon says. */
export interface NnunetDataset {
  /** Names of the channels by number; none where the file names none. */
  readonly channels: readonly string[];
  /** Names by label number, without the background. */
  readonly labels: Readonly<Record<string, string>>;
  /** Label number of voxels that nnU-Net leaves out of training and scores. */
  readonly ignored?: number;
  /** End of the names of its files, such as ".nii.gz". */
  readonly fileEnding?: string;
}

/** Returns what FOLDER/dataset.json says, or undefined if there is none; one that is no JSON object is an InputError. */
export async function readNnunetDataset(folder: string): Promise<NnunetDataset | undefined> {
  const path = join(folder, "dataset.json");
  if (!existsSync(path)) return undefined;
  const content = await readJsonFile(path);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new InputError(`${path}: expected a JSON object, got ${Array.isArray(content) ? "a list" : String(content)}`);
  }
  const { channel_names, modality, labels, file_ending, dataset } = content as Record<string, unknown>;
  if (dataset !== undefined) {
    // nnU-Net takes its pairs from there: paired by name, files could get each other's labels.
    throw new InputError(
      `${path}: expected images and labels that are paired by name, got "dataset" with pairs of its own (source rows name an image and its label each)`,
    );
  }
  const ignored = (labels as Record<string, unknown> | undefined)?.ignore;
  return {
    channels: Object.values(record(channel_names ?? modality)).map(String),
    labels: labelNames(record(labels)),
    ...(Number.isInteger(ignored) && { ignored: ignored as number }),
    ...(typeof file_ending === "string" && { fileEnding: file_ending }),
  };
}

/**
 * Version 2 writes {"liver": 1} (some {"liver": "1"}, and lists for regions, which have no number of their own), version
 * 1 {"1": "liver"}.
 */
function labelNames(labels: Readonly<Record<string, unknown>>): Record<string, string> {
  const isNumber = (text: unknown) => typeof text === "string" && /^\d+$/.test(text);
  const pairs = Object.entries(labels).map(([key, value]): [unknown, unknown] =>
    typeof value === "number" || (isNumber(value) && !isNumber(key)) ? [Number(value), key] : [Number(key), value],
  );
  return Object.fromEntries(
    pairs.filter(([label, name]) => Number.isInteger(label) && (label as number) > 0 && typeof name === "string"),
  ) as Record<string, string>;
}

const modalityWords: readonly (readonly [RegExp, Modality])[] = [
  [/^ct$/i, "CT"],
  [/^(mri?|t1.*|t2.*|flair|adc|dwi|pd.*)$/i, "MR"],
  [/^(pet|suv)$/i, "PET"],
  [/^(us|ultrasound)$/i, "US"],
  [/^microscopy$/i, "Microscopy"],
];

/** Returns the modality that a channel's name means, or undefined where it is not one of the usual names. */
export function modalityOfChannel(name: string): Modality | undefined {
  return modalityWords.find(([pattern]) => pattern.test(name.trim()))?.[1];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
