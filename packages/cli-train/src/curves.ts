import type { TopLevelSpec } from "vega-lite";

/** What the curves need of the rows of a log. */
export interface StepPoint {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
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
 * smoothed), mean validation DSC after each interaction, learning rate.
 */
export function curvesSpec(
  title: string,
  steps: readonly StepPoint[],
  validations: readonly ValidationPoint[],
): TopLevelSpec {
  const loss = thinned(withSmoothedLoss(steps));
  const dsc = validations.flatMap(({ step, dsc }) =>
    dsc.flatMap((value, interaction) =>
      value === null ? [] : [{ step, dsc: value, after: interaction === 0 ? "box" : `click ${interaction}` }],
    ),
  );
  const x = {
    field: "step",
    type: "quantitative",
    title: "optimizer step",
    axis: { format: "~s", tickMinStep: 1 },
  } as const;
  const y = (field: string, label: string, scale: object = {}) => ({
    field,
    type: "quantitative" as const,
    title: label,
    scale,
  });
  const panel = { width: 600, height: 180 };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title,
    background: "white",
    config: { view: { stroke: "#ddd" }, axis: { gridColor: "#eee" } },
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
              mark: { type: "line" as const, point: true },
              encoding: {
                x,
                y: y("dsc", "validation DSC (mean over cases)", { domain: [0, 1] }),
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
        encoding: { x, y: y("learningRate", "learning rate") },
      },
    ],
  };
}

/** The picture of a Vega-Lite description, as SVG text. The libraries are loaded here, when a picture is first wanted. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
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
