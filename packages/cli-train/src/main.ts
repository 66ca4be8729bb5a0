import { defineCommand } from "@ensam/core/command";
import { showsView } from "./monitor/showsView.ts";
import { type TrainOptions, trainOptions } from "./options.ts";

export const main = defineCommand<TrainOptions>({
  name: "ensam-train",
  summary: "trains a promptable segmentation model: case rows in, checkpoints and log rows out",
  description: [
    "The defaults are the protocol of the ENSAM paper: one random instance per case and epoch, a box and five clicks per sample, Dice + 2 x cross-entropy, four samples per step, Muon with AdamW, learning rate halved at epochs 2, 5 and 10 of 15.",
    "The run folder holds run.json (options and where they came from), log.ndjson (the rows of standard output), checkpoints/last.safetensors and best.safetensors, and curves.svg. The same command again goes on where the last checkpoint is; SIGINT, SIGTERM, SIGHUP, SIGUSR1, --max-time or a file STOP in the run folder end the run after the current sample, saved, with exit code 75.",
    "The same rows, options and seed give the same checkpoint bytes on the cpu and wasm devices, whatever --workers is and however often the run was stopped.",
  ],
  examples: [
    { command: "ensam-train coreset.ndjson -o runs/a > runs/a.ndjson", doc: "The paper's model and protocol." },
    {
      command: "ensam-train cases.ndjson -o runs/small --preset small --max-voxels 110592 --epochs 5",
      doc: "A model that a CPU can train: volumes up to 48 x 48 x 48.",
    },
    {
      command: "ensam-train cases.ndjson -o runs/b --validate validation.ndjson --max-time 6h",
      doc: "Keep the best checkpoint; stop after six hours and go on with the same command.",
    },
    { command: "ensam-train --plan --preset small --shape 64,64,64", doc: "What a model costs, without training it." },
  ],
  positionals: { name: "rows", doc: "Files of case rows; none or - for standard input.", many: true },
  reads: ["case"],
  writes: ["run", "step", "validation", "checkpoint", "end", "failure"],
  options: trainOptions,
  // The engine is loaded only when there is something to compute.
  run: async (context) => {
    if (context.options.plan) return (await import("./plan.ts")).planCommand(context);
    if (showsView(context)) return (await import("./monitor/superviseTraining.ts")).superviseTraining(context);
    return (await import("./train.ts")).trainCommand(context);
  },
});
