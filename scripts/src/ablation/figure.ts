import { mean } from "@ensam/core/scoring";
import type { TopLevelSpec } from "vega-lite";
import { arms, figureArms } from "./arms.ts";
import type { Run } from "./readRuns.ts";

/** A point of a curve: mean over the runs of an arm that count, and the range over them. */
export interface CurvePoint {
  readonly arm: string;
  readonly epoch: number;
  readonly panel: "loss" | "dsc";
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The runs of an arm that a figure shows: those trained to their end; while there are none, those that are begun. */
export function shownRuns(runs: readonly Run[], arm: string): Run[] {
  const ofArm = runs.filter((run) => run.arm === arm);
  const trained = ofArm.filter(({ isTrained }) => isTrained);
  return trained.length > 0 ? trained : ofArm;
}

/** The curves of some arms; an epoch counts where all shown runs of its arm have a value for all of its steps. */
export function curvePoints(runs: readonly Run[], names: readonly string[] = figureArms): CurvePoint[] {
  return names.flatMap((name) => {
    const shown = shownRuns(runs, name);
    const epochs = shown[0]?.epochs ?? [];
    return epochs.flatMap(({ epoch }) =>
      (["loss", "dsc"] as const).flatMap((panel) => {
        const values = shown.map((run) => run.epochs.find((other) => other.epoch === epoch)?.[panel]);
        const known = values.filter((value) => value !== undefined);
        if (known.length === 0 || known.length < shown.length) return [];
        return [
          { arm: nameOf(name), epoch, panel, mean: mean(known), low: Math.min(...known), high: Math.max(...known) },
        ];
      }),
    );
  });
}

function nameOf(arm: string): string {
  if (arm === "base") return "LieRE, Muon";
  return arms.find(({ name }) => name === arm)?.words ?? arm;
}

/** The paper's figure 4: training loss and validation DSC by epoch, a line and a band over seeds for each arm. */
export function figureSpec(points: readonly CurvePoint[], note: string): TopLevelSpec {
  const order = figureArms.map(nameOf);
  const panel = (which: CurvePoint["panel"], title: string, scale: object) => {
    const x = { field: "epoch", type: "quantitative", title: "epoch", axis: { tickMinStep: 1, format: "d" } } as const;
    const y = (field: string) => ({ field, type: "quantitative" as const, title, scale });
    const color = {
      field: "arm" as const,
      sort: order,
      scale: { domain: order, range: ["#9a6324", "#1f77b4", "#c0392b"] },
      title: null,
      legend: {
        orient: "bottom" as const,
        ...{
          labelFontSize: 13,
          labelLimit: 400,
          symbolStrokeWidth: 3,
          symbolOpacity: 1,
          symbolType: "stroke" as const,
        },
      },
    };
    return {
      width: 380,
      height: 280,
      data: { values: points.filter((point) => point.panel === which) },
      layer: [
        {
          mark: { type: "area" as const, opacity: 0.2 },
          encoding: { x, y: y("low"), y2: { field: "high" }, color },
        },
        { mark: { type: "line" as const, strokeWidth: 2 }, encoding: { x, y: y("mean"), color } },
      ],
    };
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: "Training by position encoding and optimizer", subtitle: note, anchor: "start" },
    background: "white",
    config: {
      view: { stroke: "#ddd" },
      axis: { gridColor: "#eee", labelFontSize: 12, titleFontSize: 13, titleFontWeight: "normal" },
    },
    spacing: 40,
    hconcat: [
      panel("loss", "training loss (Dice + 2 cross-entropy)", { zero: false }),
      panel("dsc", "validation DSC, mean of box and clicks", { domain: [0, 1] }),
    ],
  };
}

/** The figure as SVG text. */
export async function drawFigure(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  try {
    // Roles on every mark and axis are noise to a screen reader; the page's tables have the numbers.
    const plain = (await view.toSVG()).replaceAll(/ (role|aria-[a-z]+)="[^"]*"/g, "");
    return plain.replace(/<svg[^>]*>/, "$&<title>Training loss and validation DSC by epoch</title>");
  } finally {
    view.finalize();
  }
}
