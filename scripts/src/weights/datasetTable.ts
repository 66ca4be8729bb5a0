import { groupBy } from "@ensam/core/command";
import { mean } from "@ensam/core/scoring";
import { markdownRows } from "../markdownRows.ts";

/** What the table needs of a score row. */
export interface Scored {
  readonly model: string;
  readonly case: string;
  readonly modality: string;
  readonly dataset: string;
  /** Mean DSC of the case after the box and each click; null where there was no such interaction. */
  readonly dsc: readonly (number | null)[];
}

/** One line: a dataset, a modality ("all datasets", the mean of its lines) or all ("all modalities", the mean of theirs). */
export interface TableLine {
  readonly modality: string;
  readonly dataset: string;
  readonly cases: number;
  /** By model, in the order of the interactions. */
  readonly dsc: ReadonlyMap<string, readonly (number | null)[]>;
}

/** DSC by dataset, then the mean over datasets of each modality, then over modalities: no large dataset outweighs a small one. */
export function datasetTable(rows: readonly Scored[]): TableLine[] {
  const lines: TableLine[] = [];
  const ofModalities: TableLine[] = [];
  for (const [modality, ofModality] of groupBy(rows, (row) => row.modality)) {
    const datasets = [...groupBy(ofModality, (row) => row.dataset)].map(([dataset, cases]) =>
      ofDataset(modality, dataset, cases),
    );
    const mean = meanLine(modality, "all datasets", datasets);
    lines.push(...datasets, mean);
    ofModalities.push(mean);
  }
  return [...lines, meanLine("all", "all modalities", ofModalities)];
}

/** The table in Markdown: after the box, the first and the last click of each model. */
export function markdownTable(lines: readonly TableLine[]): string {
  const models = [...new Set(lines.flatMap(({ dsc }) => [...dsc.keys()]))];
  const head = ["modality", "dataset", "cases", ...models.map((model) => `${model}: box, click 1, last`)];
  const cells = (line: TableLine) => models.map((model) => words(line.dsc.get(model)));
  const body = lines.map((line) => [line.modality, line.dataset, String(line.cases), ...cells(line)]);
  return markdownRows(head, body);
}

function words(dsc: readonly (number | null)[] | undefined): string {
  const said = (value: number | null | undefined) => value?.toFixed(3) ?? "-";
  return [dsc?.[0], dsc?.[1], dsc?.at(-1)].map(said).join(", ");
}

function ofDataset(modality: string, dataset: string, rows: readonly Scored[]): TableLine {
  const models = groupBy(rows, ({ model }) => model);
  const dsc = new Map([...models].map(([model, ofModel]) => [model, means(ofModel.map((row) => row.dsc))]));
  return { modality, dataset, cases: Math.max(...[...models.values()].map((ofModel) => ofModel.length)), dsc };
}

function meanLine(modality: string, dataset: string, lines: readonly TableLine[]): TableLine {
  const models = new Set(lines.flatMap(({ dsc }) => [...dsc.keys()]));
  const of = (model: string) =>
    means(lines.flatMap(({ dsc }) => [dsc.get(model)].filter((values) => values !== undefined)));
  const cases = lines.reduce((sum, line) => sum + line.cases, 0);
  return { modality, dataset, cases, dsc: new Map([...models].map((model) => [model, of(model)])) };
}

/** Means by interaction over those that have a value. */
function means(lists: readonly (readonly (number | null)[])[]): (number | null)[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => {
    const values = lists.map((list) => list[i]).filter((value) => typeof value === "number");
    return values.length === 0 ? null : mean(values);
  });
}
