import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InputError, type Modality, type SourceRow, UsageError } from "@ensam/core/command";
import { originOfName } from "./challengeNames.ts";
import { imagesIn, labelsIn, type NamedImage } from "./imageNames.ts";
import { modalityOfChannel, type NnunetDataset, readNnunetDataset } from "./nnunetDataset.ts";

/** Folders of images and label maps, or one folder in nnU-Net's layout. Paths are absolute. */
export interface SourceFolders {
  readonly images: string;
  readonly labels?: string | undefined;
  readonly modality?: Modality | undefined;
  readonly dataset?: string | undefined;
  readonly channel?: number | undefined;
}

/** A source made from a folder; `problem` says why it cannot be used. */
export interface FolderSource {
  readonly row: SourceRow;
  readonly problem?: string;
}

export interface FoundSources {
  readonly sources: readonly FolderSource[];
  /** What a user should know, one sentence each. */
  readonly notes: readonly string[];
}

interface Layout {
  readonly images: string;
  readonly labels: string | undefined;
  /** The name of the dataset as its folders say it. */
  readonly name: string;
  readonly nnunet: NnunetDataset | undefined;
}

/** Ends of label files' names beyond their image's name. */
const labelSuffixes = ["", "_seg", "_label", "_labels", "_mask", "_gt", "-seg", "-label", "-labels", "-mask"];

/** Returns a source for each image of a folder, with the label map of the same name. */
export async function folderSources(folders: SourceFolders): Promise<FoundSources> {
  const layout = await layoutOf(folders);
  const { nnunet } = layout;
  const found = await imagesIn(layout.images, {
    ending: nnunet?.fileEnding,
    except: layout.labels === undefined ? [] : [layout.labels],
  });
  if (found.images.length === 0) {
    const ending =
      nnunet?.fileEnding === undefined ? "" : ` whose names end in ${nnunet.fileEnding}, as dataset.json says`;
    throw new InputError(
      `${layout.images}: expected images (NIfTI, NRRD, MetaImage, GIPL, TIFF, npz, folders of DICOM)${ending}, got none`,
    );
  }
  const chosen = chooseChannel(layout, found.images, folders.channel);
  const labels = layout.labels === undefined ? undefined : await labelsIn(layout.labels, nnunet?.fileEnding);
  const taken = new Set<string>();
  const sources = chosen.images.map(({ stem, path }): FolderSource => {
    const label = labels && labelFor(stem, labels.images);
    if (label !== undefined) taken.add(label.path);
    const modality = modalityFor(stem, folders, layout, chosen.channelName);
    const row: SourceRow = {
      type: "source",
      case: stem,
      modality,
      dataset: folders.dataset ?? originOfName(stem)?.dataset ?? `${modality}_${layout.name}`,
      image: path,
      ...(label !== undefined && { label: label.path }),
      ...(Object.keys(nnunet?.labels ?? {}).length > 0 && { labels: { ...nnunet!.labels } }),
      ...(chosen.volume !== undefined && { volume: chosen.volume }),
      ...(chosen.fileChannel !== undefined && { channel: chosen.fileChannel }),
    };
    if (labels === undefined || label !== undefined) return { row };
    return { row, problem: `${path}: expected a label map named ${stem} in ${layout.labels}, got none` };
  });
  const unused = labels?.images.filter(({ path }) => !taken.has(path)) ?? [];
  return { sources, notes: [...notesOn(layout, found.others), ...unusedNote(unused)] };
}

/** `images` may be the folder of the images, or a dataset of nnU-Net's layout, which says where they are. */
async function layoutOf({ images, labels }: SourceFolders): Promise<Layout> {
  const isDataset = existsSync(join(images, "imagesTr"));
  const folder = isDataset ? join(images, "imagesTr") : images;
  const parent = resolve(dirname(folder));
  const nnunet = await readNnunetDataset(parent);
  const besides = join(parent, "labelsTr");
  const isTraining = basename(folder) === "imagesTr" && existsSync(besides);
  const named = /^(images?(tr|ts|val)?|imgs?|scans|volumes)$/i.test(basename(folder)) ? parent : folder;
  return { images: folder, labels: labels ?? (isTraining ? besides : undefined), name: basename(named), nnunet };
}

interface ChosenChannel {
  readonly images: readonly NamedImage[];
  readonly channelName?: string | undefined;
  /** Where a channel is a volume of a 4-D file, as in the Decathlon. */
  readonly volume?: number;
  /** Where the files themselves hold channels: without dataset.json. */
  readonly fileChannel?: number;
}

/**
 * The images of one channel. In nnU-Net's layout a channel is a file whose name ends in its number (`liver_001_0000`);
 * in the Decathlon's, which has the same dataset.json, it is a volume of a 4-D file. Several channels without a choice
 * are refused by name. Without a dataset.json a channel is one of each file's own.
 */
function chooseChannel(
  { images: folder, nnunet }: Layout,
  images: readonly NamedImage[],
  channel?: number,
): ChosenChannel {
  if (nnunet === undefined) {
    return { images, ...(channel !== undefined && { fileChannel: channel }) };
  }
  const ofFile = ({ stem }: NamedImage) => /_(\d{4})$/.exec(stem)?.[1];
  const inFiles = images.every((image) => ofFile(image) !== undefined);
  const count = Math.max(nnunet.channels.length, ...(inFiles ? images.map((image) => Number(ofFile(image)) + 1) : [1]));
  if (count > 1 && channel === undefined) {
    throw new UsageError(`${folder}: expected --channel N to choose one of ${channelWords(nnunet.channels, count)}`);
  }
  const number = channel ?? 0;
  if (number >= count) {
    throw new UsageError(`--channel: expected one of ${channelWords(nnunet.channels, count)}, got ${number}`);
  }
  const channelName = nnunet.channels[number];
  if (!inFiles) return { images, channelName, ...(count > 1 && { volume: number }) };
  const chosen = images
    .filter((image) => Number(ofFile(image)) === number)
    .map(({ stem, path }) => ({ stem: stem.replace(/_\d{4}$/, ""), path }));
  return { images: chosen, channelName };
}

function channelWords(names: readonly string[], count: number): string {
  const words = Array.from({ length: count }, (_, i) => (names[i] === undefined ? `${i}` : `${i} (${names[i]})`));
  return `${count} channel${count === 1 ? "" : "s"}: ${words.join(", ")}`;
}

function labelFor(stem: string, labels: readonly NamedImage[]): NamedImage | undefined {
  for (const suffix of labelSuffixes) {
    const found = labels.find((label) => label.stem === stem + suffix);
    if (found !== undefined) return found;
  }
  return undefined;
}

function modalityFor(stem: string, folders: SourceFolders, { images }: Layout, channel: string | undefined): Modality {
  const modality =
    folders.modality ??
    (channel === undefined ? undefined : modalityOfChannel(channel)) ??
    originOfName(stem)?.modality;
  if (modality !== undefined) return modality;
  const got = channel === undefined ? `the name ${stem}` : `the channel ${JSON.stringify(channel)}`;
  throw new UsageError(`${images}: expected --modality CT, MR, PET, US or Microscopy, since ${got} does not say it`);
}

function notesOn({ images, nnunet }: Layout, others: readonly string[]): string[] {
  const listed = others.slice(0, 3).join(", ");
  const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
  return [
    ...(others.length === 0 ? [] : [`${images}: left out, no image: ${listed}${more}`]),
    ...(nnunet?.ignored === undefined
      ? []
      : [`dataset.json: label ${nnunet.ignored} is "ignore"; here it is kept as an object like any other`]),
  ];
}

function unusedNote(unused: readonly NamedImage[]): string[] {
  if (unused.length === 0) return [];
  const names = unused.slice(0, 3).map(({ path }) => basename(path));
  return [`${unused.length} label maps without an image of their name: ${names.join(", ")}`];
}
