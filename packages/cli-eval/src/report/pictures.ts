import type { Log } from "@ensam/core/command";
import { describeError } from "@ensam/core/command";
import { readChallengeCase } from "@ensam/core/files";
import type { Picturable } from "../evaluation.ts";
import { interactions, modalitiesOf } from "../metrics.ts";
import { chooseCases, type Place, type Shown } from "./chooseCases.ts";
import { escapeHtml } from "./html.ts";
import { pictureColours } from "./palette.ts";
import { greyPng } from "./png.ts";
import { maskOnSlice, readSliceView, type SliceView } from "./sliceView.ts";
import { errorTile, imageTile, predictionTile, type TileClick, truthTile } from "./tiles.ts";

const placeWords: Record<Place, string> = { best: "Best", median: "Median", worst: "Worst", only: "Only" };

/** Returns the pictures of the best, median and worst case of each modality as HTML; a case that cannot be read is noted. */
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

async function caseFigure({ place, label, byModel }: Shown, id: string): Promise<string> {
  const first = byModel[0]!;
  const view = await readSliceView(first, label);
  const source = await greyPng(view.image, view.rows, view.columns);
  const shared = [imageTile(view, id), truthTile(view, id)];
  const strips: string[] = [];
  for (const item of byModel) strips.push(...(await modelTiles(item, label, view, id)));
  const name = first.row.labels[String(label)]?.name;
  const words = [
    `<strong>${placeWords[place]} case</strong> ${escapeHtml(first.score.case)}`,
    `${escapeHtml(name ? name : `label ${label}`)}, slice ${view.z + 1} of ${view.depth}`,
    `DSC AUC of the case ${aucWords(byModel)}`,
  ];
  const defs = `<svg class="defs" aria-hidden="true"><symbol id="${id}" viewBox="0 0 ${view.columns} ${view.rows}" preserveAspectRatio="none"><image href="${source}" width="${view.columns}" height="${view.rows}" preserveAspectRatio="none"/></symbol></svg>`;
  const single = byModel.length === 1;
  const body = single
    ? `<div class="tiles nine">${[...shared, ...strips].join("")}</div>`
    : `<div class="tiles">${shared.join("")}</div>${stripRows(strips, byModel)}`;
  return `<figure class="case">${defs}<figcaption>${words.join(" · ")}</figcaption>${body}</figure>`;
}

function aucWords(byModel: readonly Picturable[]): string {
  const values = byModel.map(({ score }) => (score.dscAuc ?? 0).toFixed(2));
  return byModel.length === 1
    ? values[0]!
    : byModel.map(({ score }, i) => `${escapeHtml(score.model)} ${values[i]}`).join(", ");
}

const tilesPerModel = interactions.length + 1;

function stripRows(tiles: readonly string[], byModel: readonly Picturable[]): string {
  return byModel
    .map(({ score }, i) => {
      const own = tiles.slice(i * tilesPerModel, (i + 1) * tilesPerModel);
      return `<h4>${escapeHtml(score.model)}</h4><div class="tiles seven">${own.join("")}</div>`;
    })
    .join("");
}

/** One tile per interaction and one for the last error; without a box its place says so. */
async function modelTiles(item: Picturable, label: number, view: SliceView, id: string): Promise<string[]> {
  const { score, row } = item;
  const maps = (await readChallengeCase(item.prediction, ["all_segs"])).allSegs!;
  const dsc = score.classes.find((known) => known.label === label)!.dsc;
  const clicks = row.clicks[String(label)] ?? [];
  const tiles = interactions.map((name, i) => {
    const map = maps[row.hasBox ? i : i - 1];
    if (map === undefined) return `<div class="tile none"><p>no box</p><p class="label">${name}</p></div>`;
    const upToNow = clicks.slice(0, i).map((click, k): TileClick | undefined => {
      return click === null ? undefined : { at: click.at, isForeground: click.kind === "fg", isNewest: k === i - 1 };
    });
    const placed = upToNow.filter((click) => click !== undefined);
    return predictionTile(view, id, maskOnSlice(map, label, view), placed, `${name}: DSC ${(dsc[i] ?? 0).toFixed(2)}`);
  });
  return [...tiles, errorTile(view, id, maskOnSlice(maps.at(-1)!, label, view))];
}

function legendHtml(): string {
  const { truth, prediction, extra, foreground, background } = pictureColours;
  const swatch = (colour: string, kind: string) => `<span class="${kind}" style="--c:${colour}"></span>`;
  return `<ul class="key">
<li>${swatch(truth, "line")}outline of the truth</li>
<li>${swatch(prediction, "swatch fill")}prediction</li>
<li>${swatch(foreground, "dot")}foreground click</li>
<li>${swatch(background, "dot")}background click</li>
<li>${swatch(foreground, "ring")}click on another slice</li>
<li>${swatch(truth, "swatch fill")}error: missed</li>
<li>${swatch(extra, "swatch fill")}error: too much</li>
</ul>
<p class="note">One object of each case, on the slice (axis 0, counted from 1) where its truth is largest. DSC is that object's, in 3D. Bars give the scale in mm.</p>`;
}
