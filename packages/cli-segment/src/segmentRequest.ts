import { existsSync } from "node:fs";
import { basename } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Context,
  ensureWritable,
  InputError,
  namedInputs,
  overwriteCheck,
  refuseSameOutputs,
  type SegmentationRow,
  UsageError,
  writtenPath,
} from "@ensam/core/command";
import { type ImageFile, readImage, withDataFiles, writeMask } from "@ensam/core/files";
import { isNoTurn, noTurn, turnToLps } from "@ensam/core/geometry";
import { type LabelMap, labelBoxes, uniteBoxes } from "@ensam/core/voxels";
import { checkMask, checkOutput } from "./checkOutput.ts";
import { guessedGreyLevels } from "./greyLevels.ts";
import { boxesOf, clicksOf, readMask } from "./maskPrompts.ts";
import type { OpenModel } from "./openModel.ts";
import type { SegmentOptions } from "./options.ts";
import { type NamedObject, placePrompts } from "./placePrompts.ts";
import { writePreview } from "./preview/preview.ts";
import type { RawPrompt } from "./rawPrompts.ts";
import type { Request } from "./request.ts";
import { objectRows } from "./resultRow.ts";
import { doubtsAboutModel, lookWords, warningsAbout } from "./warnings.ts";
import { probabilityPaths, writeProbabilities } from "./writeProbabilities.ts";

export interface RequestResult {
  readonly row: SegmentationRow;
  /** Whether a mask is empty, guessed, or contradicts its prompts. */
  readonly isDoubted: boolean;
}

/**
 * Segments the image of a request, writes what it asks for, and returns the row; wrong prompts are told before the
 * model is opened.
 *
 * @param beforeWriting  called when the masks are known and nothing is written yet
 */
export async function segmentRequest(
  context: Context<SegmentOptions>,
  request: Request,
  openModel: () => Promise<OpenModel>,
  beforeWriting?: () => Promise<void>,
): Promise<RequestResult> {
  const { options } = context;
  const { outputs } = request;
  const called = request.case === undefined ? "" : `${request.case}: `;
  const inputs = [
    ...namedInputs(context),
    ...(await withDataFiles([request.image, request.boxFrom, request.clickFrom, request.refine])),
    ...request.promptFiles,
    ...(options.batch === undefined || options.batch === "-" ? [] : [options.batch]),
  ];
  await checkOutputs(request, inputs);
  const image = await readImage(request.image, {
    key: request.key,
    volume: request.volume,
    dicom: { ...options, series: request.series },
  });
  const doubts: string[] = [];
  const notes: string[] = [];
  const prompted = await readObjects(request, image, notes, doubts);
  const { objects, refine } = prompted;
  const probabilityFiles = outputs.probabilities === undefined ? [] : probabilityPaths(outputs.probabilities, objects);
  const kept = refine === undefined ? [] : [...labelBoxes(refine).keys()].map((label) => ({ label }));
  const masked = [...objects, ...kept.filter(({ label }) => !objects.some((object) => object.label === label))];
  const maskFiles = checkMask(outputs.mask, masked, image, { ...options, overwrite: request.overwrite });
  overwriteCheck([...maskFiles, ...probabilityFiles])(inputs);
  const grey = guessedGreyLevels(image.volume, { ...options, modality: request.modality, window: request.window });
  const turn = image.stored.hasDirections ? turnToLps(image.affine) : noTurn;
  const turned = isNoTurn(turn) ? [] : [`axes: seen by the model as LPS, stored as ${image.stored.axes}`];
  const allNotes = [...image.notes, ...doubts, ...notes, ...grey.notes, ...turned];
  for (const doubt of [...image.doubts, ...doubts]) context.log.warn(`${called}${doubt}`);
  for (const note of allNotes.filter((note) => !image.doubts.includes(note) && !doubts.includes(note))) {
    context.note(`${called}${note}`);
  }

  const model = await openModel();
  overwriteCheck([...outputPaths(request), ...maskFiles])([model.path]);
  const { segmentImage } = await import("./segmentImage.ts");
  const start = performance.now();
  const segmented = await segmentImage(model.segmenter, grey.image, objects, {
    turn,
    spacing: image.volume.spacing,
    ...(refine !== undefined && { refine }),
    zoom: options.zoom,
    crops: options.crops,
    maxVoxels: model.maxVoxels,
    cropWithoutBox: options.cropWithoutBox,
    pause: nextTurn, // Signals are heard between turns of the event loop only.
  });
  const seconds = Math.round(performance.now() - start) / 1000;
  const looked = lookWords(objects, segmented.looks);
  for (const words of looked) context.note(`${called}${words}`);
  const contradictions = warningsAbout(grey.image, objects, segmented);
  const warnings = [...doubtsAboutModel(objects, model.knowsClicksAlone), ...contradictions];
  for (const warning of warnings) context.log.warn(`${called}${warning}`);

  await beforeWriting?.();
  const written = await writeMask(outputs.mask, segmented.labels, masked, image, options);
  for (const note of written.notes) context.log.warn(`${called}${note}`);
  if (outputs.probabilities !== undefined) {
    await writeProbabilities(outputs.probabilities, objects, image, segmented.probabilities);
  }
  if (outputs.preview !== undefined) {
    await writePreview(outputs.preview, {
      title: basename(request.image),
      image: grey.image,
      spacing: image.volume.spacing,
      labels: segmented.labels,
      objects,
      turn,
      hasDirections: image.stored.hasDirections,
    });
  }
  const shown = (file: string) => writtenPath(file, options.relative);
  const row: SegmentationRow = {
    type: "segmentation",
    ...(request.case !== undefined && { case: request.case }),
    image: shown(request.image),
    mask: shown(written.files[0] ?? outputs.mask),
    model: shown(model.path),
    modelSha256: model.sha256,
    crops: options.crops,
    ...(outputs.preview !== undefined && { preview: shown(outputs.preview) }),
    ...(probabilityFiles.length > 0 && { probabilities: probabilityFiles.map(shown) }),
    shape: [...image.volume.shape],
    spacing: [...image.volume.spacing],
    objects: objectRows(objects, segmented, image, options).map((object, index) => {
      const file = written.byObject[index];
      return file === undefined ? object : { ...object, mask: shown(file) };
    }),
    seconds,
    notes: [...allNotes, ...looked, ...warnings, ...written.notes],
  };
  return { row, isDoubted: contradictions.length > 0 };
}

function outputPaths({ outputs }: Request): string[] {
  return [outputs.mask, outputs.probabilities, outputs.preview].filter((path) => path !== undefined);
}

/** Refuses outputs that are inputs, one another, there already, or cannot be written. */
async function checkOutputs(request: Request, inputs: readonly (string | undefined)[]) {
  const { mask, probabilities, preview } = request.outputs;
  overwriteCheck(outputPaths(request))(inputs);
  refuseSameOutputs({ "--output": mask, "--probabilities": probabilities, "--preview": preview });
  if (preview !== undefined && !/\.png$/i.test(preview)) {
    throw new UsageError(`--preview ${preview}: expected a name ending in .png`);
  }
  await checkOutput(mask, request.overwrite);
  for (const path of [probabilities, preview]) {
    if (path === undefined) continue;
    if (existsSync(path) && !request.overwrite) {
      throw new InputError(`${path}: expected no file yet, got one (--overwrite replaces it)`);
    }
    await ensureWritable(path);
  }
}

/** The objects of all prompts, and the label map to correct. */
async function readObjects(
  request: Request,
  image: ImageFile,
  notes: string[],
  doubts: string[],
): Promise<{ objects: NamedObject[]; refine?: LabelMap }> {
  const { prompts, names, notes: promptNotes } = await request.readPrompts();
  notes.push(...promptNotes);
  const warn = (sentence: string) => doubts.push(sentence);
  const shownNames = new Map<number, string>();
  const mask = async (flag: string, path: string) => {
    const { labels, names: maskNames } = await readMask(flag, path, image, warn);
    for (const [label, name] of maskNames) if (!shownNames.has(label)) shownNames.set(label, name);
    return labels;
  };
  const { refine: refinePath, boxFrom, clickFrom } = request;
  const shown: RawPrompt[] = [];
  if (boxFrom !== undefined) shown.push(...boxesOf(boxFrom, await mask("--box-from", boxFrom)));
  if (clickFrom !== undefined) shown.push(...clicksOf(clickFrom, await mask("--click-from", clickFrom)));
  const refine = refinePath === undefined ? undefined : await mask("--refine", refinePath);
  const started = refine === undefined ? [] : [...labelBoxes(refine).keys()];
  const grid = { shape: image.volume.shape, affine: image.affine };
  const note = (sentence: string) => notes.push(sentence);
  const all = [...shown, ...prompts];
  const objects = placePrompts(grid, all, withNames(names, shownNames), note, new Set(started));
  if (refine === undefined) return { objects };
  const boxed = withMaskBoxes(objects, refine);
  const taken = boxed.filter((object, i) => object !== objects[i]).map(({ label, name }) => name ?? label);
  if (taken.length > 0) notes.push(`--refine ${refinePath}: the box around the mask is that of ${taken.join(", ")}`);
  const kept = started.filter((label) => !objects.some((object) => object.label === label));
  if (kept.length > 0)
    notes.push(`--refine ${refinePath}: labels without prompts stay as they are: ${kept.join(", ")}`);
  return { objects: boxed, refine };
}

/** A mask says where its object is: without a box of its own the object gets the one around the mask and its foreground clicks. */
function withMaskBoxes(objects: readonly NamedObject[], mask: LabelMap): NamedObject[] {
  const shown = labelBoxes(mask);
  return objects.map((object) => {
    const around = shown.get(object.label)?.box;
    if (object.box !== undefined || around === undefined) return object;
    const inside = object.clicks.filter(({ foreground }) => foreground).map(({ at }) => at);
    const box = inside.reduce(
      (box, at) => uniteBoxes(box, { min: at, max: [at[0] + 1, at[1] + 1, at[2] + 1] }),
      around,
    );
    return { ...object, box };
  });
}

/** What prompt files call a label holds; masks name the others, unless a name is taken already. */
function withNames(promptNames: ReadonlyMap<number, string>, shown: ReadonlyMap<number, string>): Map<number, string> {
  const names = new Map(promptNames);
  for (const [label, name] of shown) {
    if (!names.has(label) && ![...names.values()].includes(name)) names.set(label, name);
  }
  return names;
}
