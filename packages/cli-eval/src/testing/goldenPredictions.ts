import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { PredictionRow } from "@ensam/core/command";
import { readChallengeCase } from "@ensam/core/files";
import { missing, sharedPath } from "@ensam/core/files/testing";
import { labelBoxes } from "@ensam/core/voxels";

/** The folder with what the official evaluator wrote, or undefined (printed) where it is not there. */
export function goldenFolder(): string | undefined {
  const path = ["golden", "evaluator"];
  return missing(...path).isMissing ? undefined : sharedPath(...path);
}

/** The official metrics file as a list of records. */
export function officialRows(folder: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(join(folder, "expected", "toyteam_v1_metrics.csv"), "utf8")
    .trim()
    .split("\n");
  const columns = header!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [columns[i]!, cell])));
}

/** A prediction row per golden case, as ensam-simulate would have written them for the toy model. */
export async function goldenPredictions(folder: string, model = "toyteam_v1"): Promise<PredictionRow[]> {
  const times = new Map(officialRows(folder).map((row) => [row.CaseName!, row]));
  const names = readdirSync(join(folder, "gts")).sort();
  return Promise.all(
    names.map(async (file): Promise<PredictionRow> => {
      const name = basename(file, ".npz");
      const input = await readChallengeCase(join(folder, "imgs", file));
      const gts = (await readChallengeCase(join(folder, "gts", file), ["gts"])).gts!;
      const hasBox = input.boxes !== undefined;
      const seconds = [1, 2, 3, 4, 5, 6].map((i) =>
        i === 1 && !hasBox ? null : Number(times.get(file)![`RunningTime_${i}`]),
      );
      return {
        type: "prediction",
        case: name,
        modality: name.split("_")[0] as PredictionRow["modality"],
        dataset: name.split("_").slice(0, 2).join("_"),
        npz: join(folder, "imgs", file),
        shape: [...gts.shape],
        spacing: [...input.spacing!],
        labels: Object.fromEntries([...labelBoxes(gts)].map(([label, { voxels }]) => [String(label), { voxels }])),
        model,
        prediction: join(folder, "expected", file),
        truth: join(folder, "gts", file),
        seconds,
        hasBox,
        clicks: {},
      };
    }),
  );
}
