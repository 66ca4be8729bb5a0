import { join } from "node:path";
import { defineCommand, ensureFolder, UsageError } from "@ensam/core/command";

/** Options of ensam-baseline. */
export interface BaselineOptions {
  inputs: string;
  outputs: string;
  beta: number;
}

const methods = ["box", "ellipsoid", "random-walker"];

/** `ensam-baseline`: what a model has to beat, as a program that `ensam-simulate --predictor` can call. */
export const main = defineCommand<BaselineOptions>({
  name: "ensam-baseline",
  summary: "answers prompts without a model: the filled box, the inscribed ellipsoid, a random walker",
  examples: [
    {
      command:
        "ensam-simulate cases.ndjson --predictor 'ensam-baseline ellipsoid' --renumber --boxes made -o out/ > predictions.ndjson",
      doc: "Score the inscribed ellipsoid as a model would be scored.",
    },
    { command: "ensam-baseline random-walker", doc: "In a folder with inputs/CASE.npz: writes outputs/CASE.npz." },
  ],
  description: [
    "Takes prompts as the challenge hands them to a container: files with imgs and boxes or clicks in one folder, files with segs, labels 1, 2, ... in the order of the boxes, in the other. A filled box and an ellipsoid use clicks only where there is no box: a cube of 33 voxels round the first foreground click then stands for it.",
    "The random walker (Grady, PAMI 2006, with scikit-image's weights) knows background outside of the box and at background clicks, foreground at foreground clicks and in the inner half of the inscribed ellipsoid, as far as that is not nearer to a background click. Regions of more than 60,000 voxels are averaged first.",
  ],
  positionals: { name: "METHOD", doc: "box, ellipsoid or random-walker" },
  options: {
    inputs: { kind: "path", placeholder: "FOLDER", default: "inputs", doc: "Folder with npz files with prompts." },
    outputs: { kind: "path", placeholder: "FOLDER", default: "outputs", doc: "Folder for npz files with segs." },
    beta: {
      kind: "number",
      min: 0,
      default: 130,
      placeholder: "B",
      doc: "How strongly edges hold the random walker back; scikit-image's default.",
    },
  },
  async run(context) {
    const { inputs, outputs, beta } = context.options;
    const [method, ...more] = context.positionals;
    if (method === undefined || more.length > 0 || !methods.includes(method)) {
      throw new UsageError(
        `METHOD: expected one of ${methods.join(", ")}, got ${context.positionals.join(" ") || "none"}`,
      );
    }
    const { answerFile } = await import("./answerFile.ts");
    const { challengeInputs } = await import("@ensam/core/files");
    const names = await challengeInputs(inputs, "a folder with npz files");
    await ensureFolder(outputs);
    for (const name of names) await answerFile(join(inputs, name), join(outputs, name), method, beta);
    return 0;
  },
});
