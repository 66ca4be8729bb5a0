import { type CaseOptions, caseOptions, type OptionTable } from "@ensam/core/command";

export type SpacingRule = "challenge" | "physical";

/** What decides the numbers of a case. */
export interface ScoreRules {
  /** Distance up to which two surfaces agree, in the units of the spacing. */
  tolerance: number;
  spacing: SpacingRule;
  /** Seconds a case may take per class. */
  timeLimit: number;
}

export interface EvalOptions extends ScoreRules, Pick<CaseOptions, "jobs" | "shard"> {
  csv?: string;
  report?: string;
  figures?: string;
  figureCases: string[];
  latex?: string;
  markdown?: string;
  table: boolean;
  compare: string[];
  seed: number;
}

export const evalOptions: OptionTable<EvalOptions> = {
  tolerance: {
    kind: "number",
    min: 0,
    default: 2,
    unit: "mm",
    placeholder: "MM",
    group: "Scoring",
    doc: "NSD counts surface that lies within this distance of the other surface.",
  },
  spacing: {
    kind: "choice",
    choices: ["challenge", "physical"],
    default: "challenge",
    group: "Scoring",
    doc: "Voxel size for NSD: as the official evaluator takes it (the stored x, y, z for the axes z, y, x) or turned right.",
  },
  timeLimit: {
    kind: "number",
    min: 0,
    default: 90,
    unit: "seconds per class",
    placeholder: "S",
    group: "Scoring",
    doc: "A case that took longer in all scores 0 and is marked timedOut.",
  },
  table: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "Also print a table for people, on stderr. On a terminal the table comes instead of the rows.",
  },
  csv: {
    kind: "path",
    placeholder: "FILE",
    group: "Output",
    doc: "Write the official evaluator's 26 columns; of several models each gets FILE with its name before the ending.",
  },
  report: {
    kind: "path",
    placeholder: "FILE",
    group: "Output",
    doc: "Write one self-contained HTML file: tables, click curves, pictures.",
  },
  figures: {
    kind: "path",
    placeholder: "FOLDER",
    group: "Output",
    doc: "Write qualitative figures, an SVG for each case: truth, each model's prediction, error; the best, median and worst case of each modality.",
  },
  figureCases: {
    kind: "list",
    of: "string",
    default: [],
    placeholder: "CASE,...",
    group: "Output",
    doc: "With --figures: these cases instead.",
  },
  markdown: { kind: "path", placeholder: "FILE", group: "Output", doc: "Write the tables as Markdown." },
  latex: { kind: "path", placeholder: "FILE", group: "Output", doc: "Write the tables as LaTeX (booktabs)." },
  compare: {
    kind: "list",
    of: "string",
    commas: false,
    default: [],
    placeholder: "A B",
    group: "Output",
    doc: "Compare two models of the input on the cases both have: paired bootstrap and Wilcoxon test, per metric and modality.",
  },
  seed: {
    kind: "integer",
    min: 0,
    default: 1,
    group: "Scoring",
    doc: "Seed of the bootstrap (2000 resamplings of cases).",
  },
  jobs: caseOptions.jobs,
  shard: caseOptions.shard,
};

/** Turns `--compare A B`, which has two values, into the repeated flag that option tables know. */
export function spreadCompare(argv: readonly string[]): string[] {
  const index = argv.indexOf("--compare");
  const second = argv[index + 2];
  if (index < 0 || second === undefined || second.startsWith("-")) return [...argv];
  return [...argv.slice(0, index + 2), "--compare", second, ...argv.slice(index + 3)];
}
