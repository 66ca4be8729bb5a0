import { type Command, defineCommand, type Main, shellWord } from "@ensam/core/command";
import { definitions } from "./definitions.ts";
import { type EvalOptions, evalOptions, spreadCompare } from "./options.ts";

const defaultRules = {
  tolerance: evalOptions.tolerance.default!,
  spacing: evalOptions.spacing.default!,
  timeLimit: evalOptions.timeLimit.default!,
};

/** The command for one command line, which the report quotes. */
function evalCommand(argv: readonly string[]): Command {
  return defineCommand<EvalOptions>({
    name: "ensam-eval",
    summary: "predictions in; scores, tables and a report out, by the challenge's rules",
    description: [
      "Scores each prediction row against its truth and writes a score row, then a summary row per model and modality. " +
        "Score rows of earlier runs are taken as they are, so that a report can be made again or models be put side by side; " +
        "pictures need prediction rows (after the score rows, where both are given: they are not scored again). So `cat` of the outputs of several shards, summaries and all, gives the whole table. A case row without a prediction becomes a failure row.",
      ...definitions(defaultRules).map(({ term, meaning }) => `${term}: ${meaning}`),
    ],
    examples: [
      {
        command: "ensam-eval predictions.ndjson > scores.ndjson",
        doc: "score rows, then a summary row for each model and modality",
      },
      {
        command:
          "ensam-simulate --model runs/a -o predictions < cases.ndjson | ensam-eval --report report.html --table > scores.ndjson",
        doc: "at the end of a pipe, with a report and a table on the terminal",
      },
      {
        command: "ensam-eval -j 4 --csv metrics.csv predictions.ndjson > scores.ndjson",
        doc: "the official evaluator's file, four cases at once",
      },
      { command: "ensam-eval --compare runs/a runs/b a.ndjson b.ndjson", doc: "two models on the same cases" },
    ],
    positionals: { name: "FILE", doc: "Files of prediction or score rows; none or - is standard input.", many: true },
    reads: ["prediction", "score", "summary", "case"],
    writes: ["score", "summary", "failure"],
    options: evalOptions,
    run: async (context) => {
      const { evaluate } = await import("./evaluate.ts"); // Not loaded for --help.
      return evaluate(context, ["ensam-eval", ...argv].map(shellWord).join(" "));
    },
  });
}

const run: Main = (argv, streams) => evalCommand(argv)(spreadCompare(argv), streams);

/** `ensam-eval`: arguments and streams in, exit code out. */
export const main: Command = Object.assign(run, { definition: evalCommand([]).definition });
