import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PredictionRow } from "@ensam/core/command";
import { readImage, readLabels, writeChallengeCase } from "@ensam/core/files";
import {
  type Grid,
  type LabelMap,
  labelBoxes,
  randomStream,
  toEightBit,
  type Volume,
  windows,
} from "@ensam/core/voxels";

/** An imagined model: how wrong its first mask is, and how much of the error each click leaves. */
export interface ImaginedModel {
  readonly name: string;
  readonly error: number;
  readonly left: number;
}

/** A case in memory to make a prediction of. */
export interface MadeCase {
  readonly name: string;
  readonly modality: PredictionRow["modality"];
  readonly dataset: string;
  readonly image: Volume;
  readonly labels: LabelMap;
  readonly names?: Readonly<Record<string, string>>;
}

/**
 * Writes a case and a model's imagined prediction of it: each object's outline pushed in and out by waves that grow
 * smaller with every click. Returns the prediction row, with paths that start at `folder`.
 */
export async function writeMadePrediction(
  folder: string,
  made: MadeCase,
  model: ImaginedModel,
  hasBox = true,
): Promise<PredictionRow> {
  const { name, labels, modality, dataset } = made;
  const npz = join("cases", `${name}.npz`);
  const prediction = join("predictions", model.name, `${name}.npz`);
  for (const path of ["cases", join("predictions", model.name)]) await mkdir(join(folder, path), { recursive: true });
  const imgs = toEightBit(made.image, modality === "CT" ? windows.soft : undefined).grid;
  await writeChallengeCase(join(folder, npz), { imgs, gts: labels, spacing: made.image.spacing });
  const maps = [0, 1, 2, 3, 4, 5]
    .slice(hasBox ? 0 : 1)
    .map((i) => wavy(labels, model.error * model.left ** i, `${model.name} ${name}`));
  await writeChallengeCase(join(folder, prediction), { segs: maps.at(-1)!, allSegs: maps });
  const objects = [...labelBoxes(labels)];
  const random = randomStream(3, model.name, name);
  const seconds = [0, 1, 2, 3, 4, 5].map((i) =>
    i === 0 && !hasBox ? null : Number((0.4 + random.float() * 0.3 + (i === 0 ? 1.2 : 0)).toFixed(3)),
  );
  return {
    type: "prediction",
    case: name,
    modality,
    dataset,
    npz,
    shape: [...labels.shape],
    spacing: [...made.image.spacing],
    labels: Object.fromEntries(
      objects.map(([label, { voxels }]) => [String(label), { voxels, name: made.names?.[String(label)] ?? "" }]),
    ),
    model: model.name,
    prediction,
    truth: npz,
    seconds,
    hasBox,
    ...(hasBox && {
      boxes: Object.fromEntries(
        objects.map(([label, { box }]) => [String(label), [[...box.min], box.max.map((end) => end - 1)]]),
      ) as PredictionRow["boxes"],
    }),
    clicks: Object.fromEntries(objects.map(([label, { box }]) => [String(label), clicksIn(box, random.float)])),
  };
}

/** Reads a phantom's source files as a case. */
export async function readMadeCase(
  folder: string,
  row: {
    case: string;
    modality: string;
    dataset: string;
    image: string;
    label: string;
    labels?: Record<string, string>;
  },
): Promise<MadeCase> {
  const { volume } = await readImage(join(folder, row.image));
  const { labels } = await readLabels(join(folder, row.label));
  return {
    name: row.case,
    modality: row.modality as MadeCase["modality"],
    dataset: row.dataset,
    image: volume,
    labels,
    names: row.labels,
  };
}

/** The label map read at places moved by slow waves of `amount` voxels: every outline bends. */
function wavy({ data, shape }: LabelMap, amount: number, seed: string): Grid<Uint8Array> {
  const random = randomStream(1, seed);
  const waves = Array.from({ length: 9 }, () => [random.uniform(0.12, 0.3), random.uniform(0, 6.28)] as const);
  const wave = (axis: number, a: number, b: number, c: number) => {
    const [f, g, h] = [waves[axis * 3]!, waves[axis * 3 + 1]!, waves[axis * 3 + 2]!];
    return Math.round(
      amount * Math.sin(f[0] * a + f[1]) + amount * Math.sin(g[0] * b + g[1]) * Math.cos(h[0] * c + h[1]),
    );
  };
  const moved = new Uint8Array(data.length);
  for (let z = 0, i = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, i++) {
        const [p, q, r] = [z + wave(0, z, y, x), y + wave(1, y, x, z), x + wave(2, x, z, y)];
        const inside = p >= 0 && p < shape[0] && q >= 0 && q < shape[1] && r >= 0 && r < shape[2];
        if (inside) moved[i] = data[(p * shape[1] + q) * shape[2] + r]!;
      }
    }
  }
  return { data: moved, shape };
}

function clicksIn(box: { min: readonly number[]; max: readonly number[] }, draw: () => number) {
  return [1, 2, 3, 4, 5].map((i) => {
    const at = box.min.map((low, axis) => low + Math.floor(draw() * (box.max[axis]! - low))) as [
      number,
      number,
      number,
    ];
    return { at, kind: i % 2 === 0 ? ("bg" as const) : ("fg" as const) };
  });
}
