import { budgetWords, defineCommand, isBudget, modalities, relativeOption } from "@ensam/core/command";
import type { CoresetOptions } from "./options.ts";

/** `ensam-coreset`: case rows in, a small balanced part of them out. */
export const main = defineCommand<CoresetOptions>({
  name: "ensam-coreset",
  summary: "chooses a small set of cases that is balanced over datasets",
  examples: [
    {
      command: "ensam-coreset --budget 10% cases.ndjson > coreset.ndjson",
      doc: "a tenth of the cases, near-equally many from each dataset",
    },
    {
      command:
        "ensam-coreset --budget 4471 --exclude-dataset CT_Aorta --exclude-modality Microscopy --report < cases.ndjson > coreset.ndjson",
      doc: "the paper's coreset, with a table of what each dataset gave on the terminal",
    },
    {
      command: "ensam-preprocess sources.ndjson -o data/ | ensam-coreset --budget 50% | ensam-train -o runs/a",
      doc: "between two other commands",
    },
  ],
  description: [
    "Every dataset gives all its cases up to a common ceiling, the budget divided by the number of datasets that are not left out: small datasets come whole and large ones give equally many, as in the paper. What small datasets leave of the budget stays unused, unless `--fill` raises the ceiling to the highest one with which the total stays within the budget. Inside a dataset the choice is a seeded shuffle of the case names, which does not depend on the order of the rows, and a larger budget only adds cases.",
    "A share such as `10%` is a share of all cases read, those left out by `--exclude-...` included, rounded down. When the budget is smaller than the number of datasets, that many datasets, chosen by the seed, give one case each.",
    "The chosen rows come out unchanged and in the order of the input; only paths that were relative to the file of the row are made relative to the working directory.",
  ],
  positionals: { name: "ROWS", doc: "files of case rows; none or - is standard input" },
  reads: ["case"],
  writes: ["case", "failure"],
  options: {
    budget: {
      kind: "string",
      alias: "b",
      required: true,
      placeholder: "N|P%",
      group: "Choice",
      doc: "Most cases to choose, as a count or as a share of all cases read.",
      accepts: isBudget,
      expected: budgetWords,
    },
    excludeDataset: {
      kind: "list",
      of: "string",
      default: [],
      group: "Choice",
      doc: "Datasets to leave out; the paper leaves out CT_Aorta.",
    },
    excludeModality: {
      kind: "list",
      of: "string",
      choices: modalities,
      default: [],
      group: "Choice",
      doc: "Modalities to leave out; the paper leaves out Microscopy.",
    },
    fill: {
      kind: "boolean",
      default: false,
      group: "Choice",
      doc: "Let large datasets share what small ones leave of the budget.",
    },
    seed: { kind: "integer", min: 0, default: 2025, placeholder: "N", group: "Choice", doc: "Seed of the shuffle." },
    report: {
      kind: "boolean",
      env: "ENSAM_CORESET_REPORT",
      default: false,
      group: "Choice",
      doc: "Print on standard error what each dataset had and gave and why, and why each other case was left out.",
    },
    relative: relativeOption,
  },
  async run(context) {
    const { writeCoreset } = await import("./writeCoreset.ts");
    return writeCoreset(context);
  },
});
