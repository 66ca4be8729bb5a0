import { type CaseOptions, caseOptions } from "../commonOptions.ts";
import { defineCommand } from "../defineCommand.ts";
import { forEachCase } from "../forEachCase.ts";
import { readRows } from "../readRows.ts";

/** Options of every kind, for the tests of this room. */
export interface EchoOptions extends CaseOptions {
  budget: string;
  out?: string;
  maxVoxels: number;
  rate: number;
  fast: boolean;
  mode: "near" | "far";
  exclude: readonly string[];
  halveAt: readonly number[];
}

/** A command that hands on case rows, and fails for a case named "bad". */
export const echo = defineCommand<EchoOptions>({
  name: "ensam-echo",
  summary: "hands on case rows",
  examples: [{ command: "ensam-echo --mode far cases.ndjson", doc: "hands on every row of a file" }],
  positionals: { name: "ROWS", doc: "files of case rows; none or - is standard input" },
  reads: ["case"],
  writes: ["case", "failure"],
  options: {
    budget: {
      kind: "string",
      default: "10%",
      doc: "How many.",
      accepts: (text) => /^\d+%?$/.test(text),
      expected: "a count or a share such as 10%",
    },
    out: { kind: "path", alias: "o", doc: "Where to." },
    maxVoxels: { kind: "integer", min: 1, default: 4_194_304, unit: "voxels", doc: "Largest volume." },
    rate: { kind: "number", min: 0, max: 1, default: 0.5, doc: "A rate." },
    fast: { kind: "boolean", default: false, doc: "Hurry." },
    mode: { kind: "choice", choices: ["near", "far"], default: "near", doc: "Where to look." },
    exclude: { kind: "list", of: "string", default: [], doc: "Datasets to leave out." },
    halveAt: { kind: "list", of: "integer", default: [2, 5, 10], doc: "Epochs." },
    ...caseOptions,
  },
  async run(context) {
    const { out, maxVoxels, rate, fast, mode, exclude, halveAt, budget } = context.options;
    context.note(JSON.stringify({ budget, out, maxVoxels, rate, fast, mode, exclude, halveAt }));
    context.note(JSON.stringify(context.origins));
    const rows = readRows(context, context.positionals, ["case"]);
    const tally = await forEachCase(context, rows, {}, async ({ row }, position) => {
      // Later cases are done sooner, so that only the loop keeps the order.
      await new Promise((resolve) => setTimeout(resolve, position % 3 === 0 ? 6 : 1));
      if (row.case.startsWith("bad")) throw new Error("the case is bad");
      return row;
    });
    return tally.exitCode;
  },
});

/** A valid case row. */
export function caseRow(name: string, more: Record<string, unknown> = {}) {
  const labels = { "1": { voxels: 3, name: "liver" } };
  const geometry = { shape: [4, 5, 6], spacing: [5, 0.8, 0.8], labels };
  return { type: "case", case: name, modality: "CT", dataset: "CT_A", npz: `${name}.npz`, ...geometry, ...more };
}
