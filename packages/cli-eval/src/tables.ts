import type { SummaryRow } from "@ensam/core/command";
import { mean } from "@ensam/core/scoring";
import { percentile } from "@ensam/core/voxels";
import type { Comparison } from "./compareModels.ts";
import { dscTargets, interactions, metrics, modalityOrder } from "./metrics.ts";
import { type PublishedResult, publishedResults } from "./published.ts";
import type { ResultRow, ResultTable } from "./resultTable.ts";
import { byModality, byModalityAndAll, known, orZero, type Scores } from "./scores.ts";
import { intervalOf } from "./summarize.ts";

/** Modality x model: the four metrics with their intervals, as in the paper's Table 3, and the clicks needed. */
export function modalityTable(
  scores: Scores,
  summaries: readonly SummaryRow[],
  { intervals = true } = {},
): ResultTable {
  const groups = new Map([...scores.by("model")].map(([model, cases]) => [model, new Map(byModalityAndAll(cases))]));
  const modalities = [...byModality(scores).map(([modality]) => modality), "all" as const];
  const rows = modalities.flatMap((modality) =>
    summaries
      .filter((summary) => summary.modality === modality)
      .map((summary, i): ResultRow => {
        const cases = groups.get(summary.model)!.get(modality)!;
        const values = metrics.map(({ key }) => (intervals ? intervalWords(summary[key]) : number(summary[key].mean)));
        const cells = [
          i === 0 ? modality : "",
          summary.model,
          String(summary.cases),
          ...values,
          ...clicksNeededWords(cases),
        ];
        return { cells, startsGroup: i === 0, isStrong: modality === "all" };
      }),
  );
  return {
    title: "Results by modality and model",
    columns: [
      "modality",
      "model",
      "cases",
      ...metrics.map(({ name }) => name),
      ...dscTargets.map((target) => `NoC@${100 * target}`),
    ],
    words: 2,
    rows,
    note: `mean${intervals ? " [95 % bootstrap interval over cases]" : ""}; AUC over five clicks, at most 4; NoC: clicks until an object's DSC reaches the target`,
  };
}

/** The same means per dataset. */
export function datasetTable(scores: Scores): ResultTable {
  const datasets = [...scores.by("dataset")].map(([dataset, cases]) => {
    const [first] = cases;
    return { dataset, cases, modality: first!.modality };
  });
  const ordered = modalityOrder.flatMap((modality) =>
    datasets.filter((one) => one.modality === modality).sort((a, b) => (a.dataset < b.dataset ? -1 : 1)),
  );
  const rows = ordered.flatMap(({ dataset, cases: ofDataset }) =>
    [...ofDataset.by("model")].map(([model, cases], i): ResultRow => {
      const values = metrics.map(({ key }) => number(mean(orZero(cases.column(key)))));
      return { cells: [i === 0 ? dataset : "", model, String(cases.length), ...values], startsGroup: i === 0 };
    }),
  );
  return {
    title: "Results by dataset",
    columns: ["dataset", "model", "cases", ...metrics.map(({ name }) => name)],
    words: 2,
    rows,
  };
}

/** Median and slowest seconds of each interaction. */
export function secondsTable(scores: Scores): ResultTable {
  const rows = [...scores.by("model")].flatMap(([model, ofModel]) =>
    byModalityAndAll(ofModel).map(([modality, cases], i): ResultRow => {
      const cells = interactions.map((_, interaction) => {
        const values = known(cases.column("seconds", interaction));
        if (values.length === 0) return "–";
        return `${seconds(percentile(values, 50)!)} (${seconds(values.reduce((slowest, value) => Math.max(slowest, value)))})`;
      });
      return { cells: [i === 0 ? model : "", modality, ...cells], startsGroup: i === 0, isStrong: modality === "all" };
    }),
  );
  return {
    title: "Seconds per interaction",
    columns: ["model", "modality", ...interactions],
    words: 2,
    rows,
    note: "median (slowest case), all objects of a case together; – where no case had the interaction",
  };
}

/** Ours by modality beside Table 3 of the paper: the challenge's validation set. */
export function validationTable(summaries: readonly SummaryRow[]): ResultTable {
  const published = publishedResults.filter(({ table }) => table === 3);
  const modalities = modalityOrder.filter((modality) => summaries.some((summary) => summary.modality === modality));
  const rows = modalities.flatMap((modality) => {
    const ours = summaries.filter((summary) => summary.modality === modality);
    const theirs = published.filter((result) => result.modality === modality);
    return [
      ...ours.map((summary, i): ResultRow => {
        const cells = [i === 0 ? modality : "", summary.model, `this input, ${summary.cases} cases`];
        return { cells: [...cells, ...summaryWords(summary)], startsGroup: i === 0, isStrong: true };
      }),
      ...theirs.map((result): ResultRow => ({ cells: ["", result.method, "published", ...publishedWords(result)] })),
    ];
  });
  return {
    title: "Beside the paper's Table 3, the challenge's validation set by modality",
    columns: ["modality", "model", "source", ...metrics.map(({ name }) => name)],
    words: 3,
    rows,
    note: "Comparable where this input is the validation set's 1,956 cases, scored by the challenge's rules; the published rows are from arXiv 2509.15874.",
  };
}

/** Ours below the published results on the hidden test set, Tables 4 and 5 of the paper. */
export function publishedTable(summaries: readonly SummaryRow[]): ResultTable {
  const ours = summaries.filter(({ modality }) => modality === "all");
  const sources = { 4: "Table 4, published models", 5: "Table 5, coreset track" } as const;
  const theirs = ([4, 5] as const).flatMap((table) =>
    publishedResults
      .filter((result) => result.table === table)
      .map((result, i): ResultRow => {
        return { cells: [result.method, sources[table], ...publishedWords(result)], startsGroup: i === 0 };
      }),
  );
  return {
    title: "The published results on the challenge's hidden test set",
    columns: ["model", "source", ...metrics.map(({ name }) => name)],
    words: 2,
    rows: [
      ...ours.map((summary): ResultRow => {
        const cells = [summary.model, `this input, ${summary.cases} cases`, ...summaryWords(summary)];
        return { cells, isStrong: true };
      }),
      ...theirs,
    ],
    note:
      "Not comparable: the published rows were measured on the challenge's hidden test set, ours on the cases of this input. " +
      "Source of the published rows: arXiv 2509.15874.",
  };
}

function summaryWords(summary: SummaryRow): string[] {
  return metrics.map(({ key }) => number(summary[key].mean));
}

function publishedWords(result: PublishedResult): string[] {
  return metrics.map(({ key }) => number(result[key]));
}

/** Two models on the same cases. */
export function comparisonTable(comparisons: readonly Comparison[], [first, second]: readonly string[]): ResultTable {
  const rows = comparisons.map(({ modality, metric, cases, difference, signedRank }): ResultRow => {
    const startsGroup = metric === metrics[0].key;
    const name = metrics.find(({ key }) => key === metric)!.name;
    const cells = [startsGroup ? modality : "", name, String(cases), signedInterval(difference), p(difference.p)];
    return {
      cells: [...cells, signedRank === undefined ? "–" : p(signedRank.p)],
      startsGroup,
      isStrong: modality === "all",
    };
  });
  return {
    title: `${first} minus ${second}, case by case`,
    columns: ["modality", "metric", "cases", "mean difference", "p (bootstrap)", "p (Wilcoxon)"],
    words: 2,
    rows,
    note:
      `Cases that both models have; above 0 ${first} is better. Two-sided p values, not corrected for the number of comparisons; ` +
      "Wilcoxon's signed rank test leaves out cases without a difference (– if that is all of them). With fewer than ten cases " +
      "the bootstrap's p is too small, and Wilcoxon's cannot be.",
  };
}

/** Mean over cases of DSC or NSD after each interaction, with its interval: the points of the click curves. */
export function curvePoints(scores: Scores, metric: "dsc" | "nsd", seed: number, about: string) {
  return interactions.map((interaction, i) => {
    return { interaction, ...intervalOf(scores.column(metric, i), seed, about, metric, interaction) };
  });
}

function clicksNeededWords(cases: Scores): string[] {
  const objects = sum(cases.column("objects"));
  return dscTargets.map((_, target) =>
    objects === 0 ? "–" : (sum(cases.column("clicksNeeded", target)) / objects).toFixed(1),
  );
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function intervalWords({ mean: middle, low, high }: SummaryRow["dscAuc"]): string {
  return middle === null ? "–" : `${number(middle)} [${number(low)}, ${number(high)}]`;
}

function signedInterval({ mean: middle, low, high }: Comparison["difference"]): string {
  const sign = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
  return `${sign(middle)} [${sign(low)}, ${sign(high)}]`;
}

function number(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

function seconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function p(value: number): string {
  return value < 0.001 ? "< 0.001" : value.toFixed(3);
}
