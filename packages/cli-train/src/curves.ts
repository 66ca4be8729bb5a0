import { basename } from "node:path";
import type { TopLevelSpec } from "vega-lite";

/** What the curves need of the rows of a log. */
export interface StepPoint {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Mean DSC of the step's training samples after the box and after each click. */
  readonly dsc?: readonly (number | null)[] | undefined;
}

export interface ValidationPoint {
  readonly step: number;
  /** Mean DSC after the box and after each click; null where there was no interaction. */
  readonly dsc: readonly (number | null)[];
}

/** A step's weight in the smoothed loss. */
const smoothing = 0.05;
/** More points than this per curve are thinned: the picture is 600 pixels wide. */
const mostPoints = 2000;

/**
 * The Vega-Lite description of a run's curves, one above the other with a common axis of steps: loss (each step and
 * smoothed), mean DSC after each interaction (of the validations, or before the first of the training samples,
 * smoothed), learning rate.
 *
 * @param run the run's folder, whose name is the title
 */
export function curvesSpec(
  run: string,
  steps: readonly StepPoint[],
  validations: readonly ValidationPoint[],
): TopLevelSpec {
  const loss = thinned(withSmoothedLoss(steps));
  const isValidated = validations.length > 0;
  const dsc = isValidated ? dscPoints(validations) : dscPoints(thinned(smoothedDsc(steps)));
  const x = {
    field: "step",
    type: "quantitative",
    title: "optimizer step",
    axis: { format: ",d", tickCount: 8, tickMinStep: 1 },
  } as const;
  const y = (field: string, label: string, scale: object = {}, axis: object = {}) => ({
    field,
    type: "quantitative" as const,
    title: label,
    scale,
    axis,
  });
  const panel = { width: 600, height: 180 };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: basename(run), subtitle: run, anchor: "start" },
    background: "white",
    config: {
      view: { stroke: "#ddd" },
      axis: { gridColor: "#eee", labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
    },
    resolve: { legend: { color: "independent" } },
    vconcat: [
      {
        ...panel,
        data: { values: loss },
        layer: [
          {
            mark: { type: "line" as const, color: "#b7c9e2", strokeWidth: 1 },
            encoding: { x, y: y("loss", "loss (Dice + 2 cross-entropy)") },
          },
          {
            mark: { type: "line" as const, color: "#1f4e9c", strokeWidth: 2 },
            encoding: { x, y: y("smoothed", "loss (Dice + 2 cross-entropy)") },
          },
        ],
      },
      ...(dsc.length === 0
        ? []
        : [
            {
              ...panel,
              data: { values: dsc },
              mark: { type: "line" as const, point: isValidated },
              encoding: {
                x,
                y: y("dsc", isValidated ? "validation DSC" : "training DSC, smoothed", { domain: [0, 1] }),
                color: {
                  field: "after" as const,
                  title: "after",
                  sort: ["box", "click 1", "click 2", "click 3", "click 4", "click 5"],
                  scale: { scheme: "viridis" as const },
                },
              },
            },
          ]),
      {
        ...panel,
        height: 80,
        data: { values: loss },
        mark: { type: "line" as const, interpolate: "step-after" as const, color: "#555" },
        encoding: { x, y: y("learningRate", "learning rate", {}, { format: "~g", tickCount: 4 }) },
      },
    ],
  };
}

/**
 * The picture of a Vega-Lite description, as SVG text. The libraries are loaded here, when a picture is first wanted.
 */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function dscPoints(rows: readonly { readonly step: number; readonly dsc?: readonly (number | null)[] | undefined }[]) {
  return rows.flatMap(({ step, dsc = [] }) =>
    dsc.flatMap((value, interaction) =>
      value === null ? [] : [{ step, dsc: value, after: interaction === 0 ? "box" : `click ${interaction}` }],
    ),
  );
}

/** Training DSC of each interaction as a moving average; an interaction that a step had not keeps its last value. */
function smoothedDsc(steps: readonly StepPoint[]): { step: number; dsc: (number | null)[] }[] {
  const known: (number | null)[] = [];
  return steps.map(({ step, dsc = [] }) => {
    dsc.forEach((value, i) => {
      const before = known[i] ?? value;
      known[i] = value === null || before === null ? (before ?? null) : before + smoothing * (value - before);
    });
    return { step, dsc: [...known] };
  });
}

function withSmoothedLoss(steps: readonly StepPoint[]): (StepPoint & { smoothed: number })[] {
  let smoothed = steps[0]?.loss ?? 0;
  return steps.map((point) => {
    smoothed += smoothing * (point.loss - smoothed);
    return { ...point, smoothed };
  });
}

function thinned<Point>(points: readonly Point[]): Point[] {
  const every = Math.ceil(points.length / mostPoints);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}
