import { dirname, join } from "node:path";
import { type Context, describeError, ensureFolder, nearestName } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import type { Picturable } from "../evaluation.ts";
import { modalitiesOf } from "../metrics.ts";
import { chooseCases, type Shown, shownCase } from "./chooseCases.ts";
import { escapeHtml } from "./html.ts";
import { pictureColours } from "./palette.ts";
import { type Looked, lookAt, promptsOf, symbolOf, whereOf } from "./pictures.ts";
import { maskOnSlice } from "./sliceView.ts";
import { errorMarks, heightOf, outlineMarks, promptMarks, tileSvg, tileWidth, truthMarks } from "./tiles.ts";

/**
 * Writes qualitative figures, one SVG file for each case: the truth with the prompts, and for each model its prediction
 * and its errors, in three planes (paper, 4.3, figures 5 to 9).
 *
 * @param names  cases to show, in `FOLDER/CASE.svg`; none is the best, median and worst case of each modality, in
 *               `FOLDER/MODALITY-PLACE-CASE.svg`
 */
export async function writeFigures(
  folder: string,
  names: readonly string[],
  picturable: readonly Picturable[],
  { log }: Pick<Context<object>, "log">,
): Promise<void> {
  if (picturable.length === 0) log.warn("--figures: no figure is written: the input held no prediction rows");
  else await ensureFolder(folder);
  for (const [file, shown] of figureFiles(names, picturable, log)) {
    const path = join(folder, `${file}.svg`);
    try {
      await ensureFolder(dirname(path));
      await writeFileAtomically(path, new TextEncoder().encode(await figureSvg(shown)));
    } catch (error) {
      log.warn(`${path}: ${describeError(error)}`);
    }
  }
}

function figureFiles(
  names: readonly string[],
  picturable: readonly Picturable[],
  log: Context<object>["log"],
): [file: string, shown: Shown][] {
  if (names.length === 0) {
    return modalitiesOf(picturable.map(({ score }) => score)).flatMap((modality) =>
      chooseCases(picturable.filter(({ score }) => score.modality === modality)).map((shown): [string, Shown] => {
        return [`${modality}-${shown.place}-${shown.byModel[0]!.score.case}`, shown];
      }),
    );
  }
  return names.flatMap((name): [string, Shown][] => {
    const byModel = picturable.filter(({ score }) => score.case === name);
    if (byModel.length > 0) return [[name, shownCase(byModel)]];
    const near = nearestName(
      name,
      picturable.map(({ score }) => score.case),
    );
    log.warn(`--figure-cases: no prediction of ${name}${near === undefined ? "" : `; did you mean ${near}?`}`);
    return [];
  });
}

const gap = 8;
const lineHeight = 18;

async function figureSvg({ label, byModel }: Shown): Promise<string> {
  const looked = await lookAt({ label, byModel });
  const { name, views, answers } = looked;
  const columns = 1 + 2 * answers.length;
  const width = columns * (tileWidth + gap) + gap;
  const symbols = await Promise.all(views.map((view, i) => symbolOf(view, `plane-${i}`)));
  const heading = [
    text(gap, lineHeight, `${byModel[0]!.score.case}, ${name}`, "b"),
    ...answers.map(({ model, dsc }, i) =>
      text(columnAt(1 + 2 * i), 2 * lineHeight + 2, `${model}: DSC ${(dsc.at(-1) ?? 0).toFixed(3)}`, "b"),
    ),
    text(columnAt(0), 3 * lineHeight, "truth and prompts"),
    ...answers.flatMap((_, i) => [
      text(columnAt(1 + 2 * i), 3 * lineHeight, "prediction"),
      text(columnAt(2 + 2 * i), 3 * lineHeight, "error"),
    ]),
  ];
  let top = 3 * lineHeight + gap;
  const body: string[] = [];
  for (const [i] of views.entries()) {
    body.push(planeTiles(looked, i, label, top));
    top += heightOf(views[i]!) + lineHeight + gap;
  }
  const height = top + lineHeight;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escapeHtml(`${byModel[0]!.score.case}, ${name}: truth, predictions and errors in three planes`)}</title>
<style>text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328; } .b { font-weight: 600; }
.scale { fill: #fff; stroke: #000; stroke-width: 3px; paint-order: stroke; font-weight: 600; } image { image-rendering: pixelated; }</style>
<rect width="${width}" height="${height}" fill="#fff"/>
${symbols.join("")}
${heading.join("\n")}
${body.join("\n")}
${legend(top + 4)}
</svg>
`;
}

function columnAt(column: number): number {
  return gap + column * (tileWidth + gap);
}

function planeTiles({ views, answers }: Looked, index: number, label: number, top: number): string {
  const view = views[index]!;
  const height = heightOf(view);
  const tile = (column: number, what: string, marks: string) => {
    const words = escapeHtml(`${whereOf(view)}: ${what}`);
    const place = `x="${columnAt(column)}" y="${top}" width="${tileWidth}" height="${height}"`;
    return tileSvg(view, `plane-${index}`, marks, `${place} role="img" aria-label="${words}"`);
  };
  const tiles = answers.flatMap(({ model, maps }, i) => {
    const mask = maskOnSlice(maps.at(-1)!, label, view);
    return [
      tile(1 + 2 * i, `prediction of ${model}`, outlineMarks(view, mask)),
      tile(2 + 2 * i, `error of ${model}`, errorMarks(view, mask)),
    ];
  });
  const truth = tile(0, "truth and prompts", truthMarks(view) + promptMarks(view, promptsOf(answers)));
  return [truth, ...tiles, text(gap, top + height + 14, whereOf(view))].join("\n");
}

function legend(y: number): string {
  const marks = [
    ["truth", pictureColours.truth],
    ["prediction", pictureColours.prediction],
    ["missed", pictureColours.missed],
    ["too much", pictureColours.extra],
  ] as const;
  return marks
    .map(([words, colour], i) => {
      const x = gap + i * 110;
      return `<rect x="${x}" y="${y}" width="12" height="12" fill="${colour}" stroke="#59636e"/>${text(x + 18, y + 11, words)}`;
    })
    .join("");
}

function text(x: number, y: number, words: string, name = ""): string {
  return `<text x="${x}" y="${y}"${name === "" ? "" : ` class="${name}"`}>${escapeHtml(words)}</text>`;
}
