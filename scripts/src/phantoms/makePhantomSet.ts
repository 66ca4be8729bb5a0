import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Modality, SourceRow } from "@ensam/core/command";
import { writeFileAtomically, writeNifti } from "@ensam/core/files";
import { type Grid, randomStream } from "@ensam/core/voxels";
import { type LabelChoice, thickened, tidyLabels } from "./canvas.ts";
import { ctPhantom } from "./ct.ts";
import { microscopyPhantom } from "./microscopy.ts";
import { mrPhantom } from "./mr.ts";
import { orient } from "./orient.ts";
import { petPhantom } from "./pet.ts";
import type { PhantomMaker } from "./phantom.ts";
import { storedAs } from "./storedAs.ts";
import { ultrasoundPhantom } from "./ultrasound.ts";

export const makers: Readonly<Record<Modality, PhantomMaker>> = {
  CT: ctPhantom,
  MR: mrPhantom,
  PET: petPhantom,
  US: ultrasoundPhantom,
  Microscopy: microscopyPhantom,
};

export type Split = "train" | "test";

export interface PhantomSet extends LabelChoice {
  readonly folder: string;
  readonly modalities: readonly Modality[];
  /** Cases of each modality for training and for testing. */
  readonly cases: Readonly<Record<Split, number>>;
  readonly seed: number;
  /** Voxels along a typical side. */
  readonly size: number;
  /** Slices of which every second case of a modality and split has one: anisotropic voxels. @default 1 */
  readonly thick?: number;
}

/** A phantom ready to be written. */
export interface PhantomCase {
  readonly row: SourceRow;
  readonly image: Grid<ReturnType<typeof storedAs>>;
  readonly labels: Grid<Uint8Array>;
  readonly affine: number[];
}

/** Returns one case; the same arguments give the same voxels, whatever else is made. Paths in the row start at the set's folder. */
export function makePhantom(
  modality: Modality,
  split: Split,
  index: number,
  { seed, size, objects, smallest, thick = 1 }: Pick<PhantomSet, "seed" | "size" | "thick" | keyof LabelChoice>,
): PhantomCase {
  const random = randomStream(seed, "phantom", modality, split, index);
  const phantom = makers[modality](random, size);
  const painted = index % 2 === 1 && thick > 1 ? thickened(phantom.painted, thick) : phantom.painted;
  const labels = tidyLabels(painted, random, { objects, smallest });
  const { image, labels: labelData, affine } = orient(painted, phantom.layout);
  const name = `${phantom.dataset}_${split}${String(index + 1).padStart(3, "0")}`;
  const base = `${split}/${modality}/${phantom.dataset}/${name}`;
  return {
    row: {
      type: "source",
      case: name,
      modality,
      dataset: phantom.dataset,
      image: `${base}.nii.gz`,
      label: `${base}_labels.nii.gz`,
      labels,
      ...(phantom.window === undefined ? {} : { window: phantom.window }),
    },
    image: { data: storedAs(image.data, phantom.stored), shape: image.shape },
    labels: { data: labelData, shape: image.shape },
    affine,
  };
}

/**
 * Writes a set: images and label maps under train/ and test/, and train.ndjson, test.ndjson and sources.ndjson (both).
 * Returns the rows written; `onCase` is told of each.
 */
export async function makePhantomSet(
  set: PhantomSet,
  onCase: (row: SourceRow) => void = () => {},
): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for (const split of ["train", "test"] as const) {
    const ofSplit: SourceRow[] = [];
    for (const modality of set.modalities) {
      for (let index = 0; index < set.cases[split]; index++) {
        const { row, image, labels, affine } = makePhantom(modality, split, index, set);
        await mkdir(dirname(join(set.folder, row.image)), { recursive: true });
        await writeNifti(join(set.folder, row.image), image, affine);
        await writeNifti(join(set.folder, row.label!), labels, affine);
        ofSplit.push(row);
        onCase(row);
      }
    }
    await writeRows(join(set.folder, `${split}.ndjson`), ofSplit);
    rows.push(...ofSplit);
  }
  await writeRows(join(set.folder, "sources.ndjson"), rows);
  return rows;
}

async function writeRows(path: string, rows: readonly SourceRow[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join("")));
}
