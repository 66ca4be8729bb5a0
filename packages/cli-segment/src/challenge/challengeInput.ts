import { InputError } from "@ensam/core/command";
import { type ChallengeCase, readChallengeCase, readNpz } from "@ensam/core/files";
import type { Click, PromptedObject } from "@ensam/core/inference";
import { boxOfChallenge } from "@ensam/core/prompts";
import { type Grid, intersectBoxes, type LabelMap, wholeBox } from "@ensam/core/voxels";

/** A call of the challenge: the image and every prompt so far. */
export interface ChallengeInput {
  readonly image: Grid<Uint8Array>;
  /** One for each class, in ascending order; labels are 1, 2, ... */
  readonly objects: readonly PromptedObject[];
  readonly previous: LabelMap | undefined;
  readonly storedSpacing: ChallengeCase["storedSpacing"];
  readonly spacing: ChallengeCase["spacing"];
}

const optionalKeys = ["spacing", "boxes", "clicks", "clicks_order", "prev_pred"] as const;

/**
 * The input of one call (CVPR 2025 challenge, CVPR25_iter_eval.py): `boxes` may be missing on any call, `clicks` are
 * missing on the first. Clicks come in the order that `clicks_order` gives; without it the foreground ones are first.
 */
export async function readChallengeInput(path: string): Promise<ChallengeInput> {
  const archive = await readNpz(path);
  const keys = optionalKeys.filter((key) => archive.has(key));
  const content = await readChallengeCase(path, ["imgs", ...keys]);
  const image = eightBit(path, content.imgs!);
  const { prevPred: previous, storedSpacing, spacing } = content;
  if (previous !== undefined && previous.shape.join() !== image.shape.join()) {
    throw new InputError(`${path}: prev_pred: expected the image's shape [${image.shape}], got [${previous.shape}]`);
  }
  return { image, objects: objectsOf(path, image, content), previous, storedSpacing, spacing };
}

function objectsOf(
  path: string,
  { shape }: Grid,
  { boxes = [], clicks = [], clicksOrder }: ChallengeCase,
): PromptedObject[] {
  const counts = [boxes, clicks, clicksOrder ?? clicks].map((list) => list.length).filter((count) => count > 0);
  if (counts.length === 0) throw new InputError(`${path}: expected boxes or clicks, got neither`);
  if (new Set(counts).size > 1) {
    throw new InputError(
      `${path}: expected a box, clicks and an order of clicks for each class, got ${counts.join(", ")}`,
    );
  }
  return Array.from({ length: counts[0]! }, (_, index) => {
    const stored = boxes[index];
    const box = stored && intersectBoxes(boxOfChallenge(stored), wholeBox(shape));
    if (stored !== undefined && box === undefined) {
      throw new InputError(`${path}: boxes[${index}]: expected a box in the image, got one outside of it`);
    }
    return {
      label: index + 1,
      ...(box && { box }),
      clicks: clicksOf(path, index, clicks[index], clicksOrder?.[index]),
    };
  });
}

function clicksOf(
  path: string,
  index: number,
  lists: NonNullable<ChallengeCase["clicks"]>[number] | undefined,
  order: NonNullable<ChallengeCase["clicksOrder"]>[number] | undefined,
): Click[] {
  const { fg = [], bg = [] } = lists ?? {};
  const kinds = order?.filter((kind) => kind !== null) ?? [
    ...fg.map(() => "fg" as const),
    ...bg.map(() => "bg" as const),
  ];
  const taken = { fg: 0, bg: 0 };
  const clicks = kinds.map((kind) => ({ at: (kind === "fg" ? fg : bg)[taken[kind]++], foreground: kind === "fg" }));
  const found = clicks.filter((click): click is Click => click.at !== undefined);
  if (found.length !== kinds.length || taken.fg !== fg.length || taken.bg !== bg.length) {
    throw new InputError(
      `${path}: clicks_order[${index}]: expected ${fg.length} fg and ${bg.length} bg as in clicks, got ${taken.fg} and ${taken.bg}`,
    );
  }
  return found;
}

/** The image as bytes: the challenge's images are grey levels 0 to 255, whatever their type. */
function eightBit(path: string, { data, shape }: Grid): Grid<Uint8Array> {
  if (data instanceof Uint8Array) return { data, shape };
  const bytes = Uint8Array.from(data);
  const odd = bytes.findIndex((value, i) => value !== data[i]);
  if (odd < 0) return { data: bytes, shape };
  throw new InputError(`${path}: imgs: expected whole numbers from 0 to 255, got ${data[odd]}`);
}
