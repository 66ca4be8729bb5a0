import type { TopLevelSpec } from "vega-lite";
import { interactions } from "../metrics.ts";
import { byModality, byModalityAndAll, type Scores } from "../scores.ts";
import { curvePoints } from "../tables.ts";
import { escapeHtml } from "./html.ts";
import { modelColour } from "./palette.ts";

const ticks = ["box", "1", "2", "3", "4", "5"];

/** Returns the click curves as HTML: for each modality DSC and NSD after each interaction, with 95 % intervals. */
export async function curvesHtml(scores: Scores, seed: number): Promise<string> {
  const models = [...scores.by("model").keys()];
  const modalities = byModality(scores);
  const figures: string[] = [];
  for (const [modality, cases] of modalities.length > 1 ? byModalityAndAll(scores) : modalities) {
    const charts: string[] = [];
    for (const metric of ["dsc", "nsd"] as const) {
      const svg = await chartSvg(pointsOf(cases, models, metric, seed, modality), metric.toUpperCase(), models);
      charts.push(
        svg.replace(
          "<svg ",
          `<svg role="img" aria-label="${metric.toUpperCase()} of ${escapeHtml(modality)} by interaction" `,
        ),
      );
    }
    const count = cases.oncePerCase().length;
    const caption = `${modality === "all" ? "All modalities" : modality}, ${count} ${count === 1 ? "case" : "cases"}`;
    figures.push(
      `<figure class="curve"><figcaption>${escapeHtml(caption)}</figcaption><div class="pair">${charts.join("")}</div></figure>`,
    );
  }
  const keys = models.map(
    (model, i) => `<li><span class="swatch" style="background:${modelColour(i)}"></span>${escapeHtml(model)}</li>`,
  );
  return `<ul class="key">${keys.join("")}</ul><div class="curves">${figures.join("\n")}</div>`;
}

interface CurvePoint {
  readonly model: string;
  readonly interaction: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

function pointsOf(
  cases: Scores,
  models: readonly string[],
  metric: "dsc" | "nsd",
  seed: number,
  modality: string,
): CurvePoint[] {
  const groups = cases.by("model");
  return models.flatMap((model) => {
    const ofModel = groups.get(model);
    const points = ofModel === undefined ? [] : curvePoints(ofModel, metric, seed, `${model} ${modality}`);
    return points.flatMap(({ interaction, mean, low, high }): CurvePoint[] => {
      if (mean === null || low === null || high === null) return [];
      return [{ model, interaction: ticks[interactions.indexOf(interaction)]!, mean, low, high }];
    });
  });
}

/** Draws one chart with Vega-Lite. Text and lines take the page's colour, so that it reads in light and in dark. */
async function chartSvg(points: readonly CurvePoint[], title: string, models: readonly string[]): Promise<string> {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const x = { field: "interaction", type: "ordinal", sort: ticks, title: "after box or click" } as const;
  const colour = {
    field: "model",
    type: "nominal",
    legend: null,
    scale: { domain: [...models], range: models.map((_, i) => modelColour(i)) },
  } as const;
  const spec: TopLevelSpec = {
    width: 200,
    height: 140,
    background: "transparent",
    data: { values: points.map((point) => ({ ...point })) },
    encoding: { x: { ...x, axis: { labelAngle: 0 }, scale: { domain: ticks } }, color: colour },
    layer: [
      {
        mark: { type: "area", opacity: 0.18 },
        encoding: {
          y: { field: "low", type: "quantitative", scale: { domain: [0, 1] }, title },
          y2: { field: "high" },
        },
      },
      {
        mark: { type: "line", strokeWidth: 2, point: { size: 36, filled: true } },
        encoding: { y: { field: "mean", type: "quantitative", title } },
      },
    ],
    config: {
      view: { stroke: null },
      axis: {
        labelColor: "currentColor",
        titleColor: "currentColor",
        titleFontWeight: "normal",
        domainColor: "currentColor",
        tickColor: "currentColor",
        gridColor: "currentColor",
        gridOpacity: 0.15,
        labelFontSize: 13,
        titleFontSize: 13,
      },
    },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replaceAll(/ xmlns(:xlink)?="[^"]*"/g, ""); // Inside HTML an svg needs no namespace, and the file holds no address.
}
