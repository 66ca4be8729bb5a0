import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Context, describeError, ensureFolder, forEachCase, UsageError } from "@ensam/core/command";
import { challengeInputs, writeChallengeCase } from "@ensam/core/files";
import { type ModelOptions, openModel } from "../openModel.ts";
import type { SegmentOptions } from "../options.ts";
import { isState, statePath } from "./statePath.ts";

export interface ChallengeOptions extends ModelOptions {
  readonly cropWithoutBox?: number;
  readonly crops: SegmentOptions["crops"];
}

/**
 * Answers every `inputs/*.npz` of the working folder as a container of the CVPR 2025 challenge does: `outputs/` gets a
 * file of the same name with `segs`, label i for the i-th box or entry of clicks. No row is written, but one for each
 * case that fails.
 */
export async function runChallenge(context: Context<ChallengeOptions>): Promise<number> {
  const { options, streams, positionals, log } = context;
  if (positionals.length > 0) throw new UsageError(`${positionals[0]}: expected no IMAGE with --challenge, got one`);
  const folder = join(streams.cwd, "inputs");
  const files = await challengeInputs(folder, "a folder with the challenge's npz files");
  await removeStates(folder, files);
  await ensureFolder(join(streams.cwd, "outputs"));
  const { answerCase } = await import("./answerCase.ts");
  const { readChallengeInput } = await import("./challengeInput.ts");
  const { segmenter, sha256, maxVoxels, dispose } = await openModel(context);
  const { precision, convolution, crops, cropWithoutBox } = options;
  const identity = `${sha256} ${JSON.stringify([precision, convolution, crops, cropWithoutBox ?? null])}`;
  const settings = { identity, crops, maxVoxels, cropWithoutBox };
  try {
    const items = files.map((file) => ({ case: basename(file, ".npz"), file }));
    const tally = await forEachCase(context, items, { jobs: 1 }, async ({ case: name, file }) => {
      const path = join(folder, file);
      const input = await readChallengeInput(path);
      if (segmenter.config.coordinates === "mm" && input.spacing === undefined) {
        log.warn(
          `${name}: spacing: expected the voxel size (the model takes positions in mm), got none; taken for cubes`,
        );
      }
      const { labels, from, keep } = await answerCase(segmenter, input, statePath(path), settings);
      if (from === "prev_pred") log.warn(`${name}: no state of the last call; went on from prev_pred`);
      await writeChallengeCase(join(streams.cwd, "outputs", file), { segs: labels });
      // The answer is out: a folder that cannot be written costs the next call its logits only.
      await keep().catch((error: unknown) => log.warn(`${name}: no state kept: ${describeError(error)}`));
      return undefined;
    });
    return tally.exitCode;
  } finally {
    dispose();
  }
}

/** States whose case is gone would fill the folder. */
async function removeStates(folder: string, files: readonly string[]): Promise<void> {
  const wanted = new Set(files.map((file) => statePath(file)));
  const states = (await readdir(folder)).filter((name) => isState(name) && !wanted.has(name));
  for (const name of states) await rm(join(folder, name), { force: true });
}
