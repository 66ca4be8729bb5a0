import { defineCommand } from "@ensam/core/command";
import { type SimulateOptions, simulateOptions } from "./options.ts";

export const main = defineCommand<SimulateOptions>({
  name: "ensam-simulate",
  summary: "plays the challenge on each case: a box, then five clicks placed by the official rule; writes predictions",
  description: [
    "Each label gets its box (if the case has one), then five times a click at the deepest voxel of its largest error, all labels at once. The result is an npz with segs (the last label map) and all_segs (one label map per interaction: six, or five without a box), as the official evaluator writes it, and a prediction row for ensam-eval. Beside each npz lies CASE.prediction.json, by which a second run knows what is done.",
    "Our own models (--model) look at each object in a crop of its own (--crops) and write the truth's label values. Intensities are divided by 255, as in training. Another program (--predictor) runs in a temporary folder with inputs/CASE.npz and has to write outputs/CASE.npz, like a container of the challenge; its labels are taken as they are (over 255 they wrap in clicks and prev_pred as in the official evaluator, with a warning), and a crash, a missing or unreadable output or a passed time limit costs its case only.",
  ],
  examples: [
    {
      command: "ensam-preprocess --index validation/ | ensam-simulate --model runs/a -o predictions/ | ensam-eval",
      doc: "Score a trained model.",
    },
    {
      command: "ensam-simulate cases.ndjson --model net.safetensors --device cpu -o predictions/ > predictions.ndjson",
      doc: "One checkpoint, rows from a file.",
    },
    {
      command:
        "ensam-simulate cases.ndjson --truth gts/ --predictor 'sh $OLDPWD/predict.sh' --name baseline -j 4 -o out/",
      doc: "Any other program, four cases at once, truth in a folder of its own.",
    },
  ],
  positionals: { name: "ROWS", doc: "Files of case rows; none or - is standard input.", many: true },
  reads: ["case"],
  writes: ["prediction", "failure"],
  options: simulateOptions,
  run: async (context) => (await import("./simulate.ts")).simulate(context), // Not loaded for --help.
});
