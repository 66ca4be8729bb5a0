import type { Log, PredictionRow } from "@ensam/core/command";
import { describeError } from "@ensam/core/command";
import { readChallengeCase } from "@ensam/core/files";
import type { Box, LabelMap, Zyx } from "@ensam/core/voxels";
import type { Picturable } from "../evaluation.ts";
import { interactions, modalitiesOf } from "../metrics.ts";
import { chooseCases, type Place, type Shown } from "./chooseCases.ts";
import { escapeHtml } from "./html.ts";
import { legendHtml } from "./pictureLegend.ts";
import { planesOf } from "./planes.ts";
import { greyPng } from "./png.ts";
import { maskOnSlice, type SliceView, sliceViewOf } from "./sliceView.ts";
import { errorTile, noPrompts, outlineTile, type Prompts, promptTile, type TileClick } from "./tiles.ts";

const placeWords: Record<Place, string> = { best: "Best", median: "Median", worst: "Worst", only: "Only" };

/**
 * Returns the pictures of the best, median and worst case of each modality as HTML; a case that cannot be read is
 * noted.
 */
export async function picturesHtml(picturable: readonly Picturable[], log: Pick<Log, "warn">): Promise<string> {
  const parts: string[] = [];
  for (const modality of modalitiesOf(picturable.map(({ score }) => score))) {
    const figures: string[] = [];
    for (const [i, shown] of chooseCases(picturable.filter(({ score }) => score.modality === modality)).entries()) {
      try {
        figures.push(await caseFigure(shown, `${modality}-${i}`));
      } catch (error) {
        log.warn(`report: pictures of ${shown.byModel[0]!.score.case}: ${describeError(error)}`);
      }
    }
    parts.push(`<h3>${escapeHtml(modality)}</h3>`, ...figures);
  }
  return parts.length === 0 ? "" : `${legendHtml()}\n${parts.join("\n")}`;
}

/** A model's answers to one object. */
export interface Answers {
  readonly model: string;
  readonly row: PredictionRow;
  /** One label map per interaction; the first is undefined without a box. */
  readonly maps: readonly (LabelMap | undefined)[];
  readonly dsc: readonly (number | null)[];
  readonly clicks: readonly TileClick[][];
  readonly box: Box | undefined;
}

/** The slices of an object and every model's answers on them. */
export interface Looked {
  readonly name: string;
  readonly views: readonly SliceView[];
  readonly answers: readonly Answers[];
}

/** Reads what is shown of an object. */
export async function lookAt({ label, byModel }: Pick<Shown, "label" | "byModel">): Promise<Looked> {
  const first = byModel[0]!;
  const image = (await readChallengeCase(first.npz, ["imgs"])).imgs!;
  const truth = (await readChallengeCase(first.truth, ["gts"])).gts!;
  const answers: Answers[] = [];
  for (const item of byModel) answers.push(await answersOf(item, label));
  const { axes } = first.row as { axes?: unknown };
  const planes = planesOf(typeof axes === "string" ? axes : undefined);
  const spacing = first.row.spacing as Zyx;
  const views = planes.map((plane) => sliceViewOf(image, truth, { label, spacing, plane, box: answers[0]!.box }));
  return { name: first.row.labels[String(label)]?.name || `label ${label}`, views, answers };
}

async function caseFigure(shown: Shown, id: string): Promise<string> {
  const { place, label, byModel } = shown;
  const { name, views, answers } = await lookAt(shown);
  const symbols = await Promise.all(views.map((view, i) => symbolOf(view, `${id}-${i}`)));
  const words = [
    `<strong>${placeWords[place]} case</strong> ${escapeHtml(byModel[0]!.score.case)}`,
    escapeHtml(name),
    `DSC AUC of the case ${aucWords(byModel)}`,
  ];
  const rows = views.map((view, i) => planeRow(view, `${id}-${i}`, label, answers));
  const strips = answers.map((answer) => interactionStrip(answer, views[0]!, `${id}-0`, label, answers.length > 1));
  return (
    `<figure class="case"><svg class="defs" aria-hidden="true">${symbols.join("")}</svg>` +
    `<figcaption>${words.join(" · ")}</figcaption>` +
    `<h4>After the last click, in three planes</h4>${rows.join("")}` +
    `<h4>After each interaction, ${escapeHtml(views[0]!.plane.name)}</h4>${strips.join("")}</figure>`
  );
}

async function answersOf(item: Picturable, label: number): Promise<Answers> {
  const { score, row } = item;
  const maps = (await readChallengeCase(item.prediction, ["all_segs"])).allSegs!;
  const clicks = row.clicks[String(label)] ?? [];
  const corners = (row as { boxes?: PredictionRow["boxes"] }).boxes?.[String(label)];
  return {
    model: score.model,
    row,
    maps: row.hasBox ? maps : [undefined, ...maps],
    dsc: score.classes.find((known) => known.label === label)!.dsc,
    clicks: interactions.map((_, i) =>
      clicks.slice(0, i).flatMap((click, k) => {
        return click === null ? [] : [{ at: click.at, isForeground: click.kind === "fg", isNewest: k === i - 1 }];
      }),
    ),
    box: corners && { min: corners[0], max: corners[1].map((last) => last + 1) as unknown as Zyx },
  };
}

export async function symbolOf(view: SliceView, id: string): Promise<string> {
  const source = await greyPng(view.image, view.rows, view.columns);
  return `<symbol id="${id}" viewBox="0 0 ${view.columns} ${view.rows}" preserveAspectRatio="none"><image href="${source}" width="${view.columns}" height="${view.rows}" preserveAspectRatio="none"/></symbol>`;
}

/** One plane: the prompts, then every model's outline and errors on the same slice, side by side. */
function planeRow(view: SliceView, id: string, label: number, answers: readonly Answers[]): string {
  const tiles = [promptTile(view, id, promptsOf(answers), whereOf(view))];
  for (const { model, maps, dsc } of answers) {
    const mask = maskOnSlice(maps.at(-1)!, label, view);
    const name = answers.length === 1 ? "" : `${model}: `;
    tiles.push(outlineTile(view, id, mask, noPrompts, `${name}DSC ${(dsc.at(-1) ?? 0).toFixed(2)}`));
    tiles.push(errorTile(view, id, mask, `${name}errors`));
  }
  return `<div class="tiles row" style="--n:${Math.max(3, tiles.length)}">${tiles.join("")}</div>`;
}

/** The prompts that all models had: they may have been clicked at different places, and then only the box is theirs all. */
export function promptsOf(answers: readonly Answers[]): Prompts {
  const first = answers[0]!;
  return { box: first.box, clicks: answers.length === 1 ? first.clicks.at(-1)! : [] };
}

export function whereOf(view: SliceView): string {
  return `${view.plane.name}, slice ${view.slice + 1} of ${view.depth}`;
}

/** One tile per interaction, with the prompts so far; without a box its place says so. */
function interactionStrip(answer: Answers, view: SliceView, id: string, label: number, isNamed: boolean): string {
  const tiles = interactions.map((name, i) => {
    const map = answer.maps[i];
    if (map === undefined) return `<div class="tile none"><p>no box</p><p class="label">${name}</p></div>`;
    const prompts = { box: i === 0 ? answer.box : undefined, clicks: answer.clicks[i]! };
    const words = `${name}: DSC ${(answer.dsc[i] ?? 0).toFixed(2)}`;
    return outlineTile(view, id, maskOnSlice(map, label, view), prompts, words);
  });
  const heading = isNamed ? `<p class="model">${escapeHtml(answer.model)}</p>` : "";
  return `${heading}<div class="tiles row" style="--n:6">${tiles.join("")}</div>`;
}

function aucWords(byModel: readonly Picturable[]): string {
  const values = byModel.map(({ score }) => (score.dscAuc ?? 0).toFixed(2));
  return byModel.length === 1
    ? values[0]!
    : byModel.map(({ score }, i) => `${escapeHtml(score.model)} ${values[i]}`).join(", ");
}
