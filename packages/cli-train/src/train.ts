import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Context,
  describeError,
  deviceSettings,
  ensureFolder,
  exitCodes,
  namedInputs,
  overwriteCheck,
  takeLock,
  UsageError,
} from "@ensam/core/command";
import { removeTemporaryFiles } from "@ensam/core/files";
import { sampleNeeds } from "@ensam/core/model";
import { type RunFolder, runFolder, watchControl } from "@ensam/core/runs";
import { openDevice } from "@ensam/core/tensors";
import { disposeTraining, isDone, NonFiniteGradients, train } from "@ensam/core/training";
import { openCheckpoints } from "./checkpointFiles.ts";
import { parseDuration } from "./duration.ts";
import { SamplesLost, untilSamplesAreLost } from "./lostSamples.ts";
import type { TrainOptions } from "./options.ts";
import { beginOrResume } from "./resume.ts";
import { casesDigest, type InputCase, readCases } from "./rows.ts";
import { openRunLog } from "./runLog.ts";
import { describeRun } from "./runRow.ts";
import { openSamplePool } from "./samplePool.ts";
import { readableCases, sampleStream } from "./sampleStream.ts";
import { checkPromptShares, configOf, settingsOf } from "./settings.ts";
import { watchForStop } from "./stopRequest.ts";
import { openTrainingRun } from "./trainingRun.ts";

/** Samples that each worker may be ahead of training. */
const aheadPerWorker = 2;

/** 64 x 64 x 64: larger volumes are for GPUs. */
const largeForCpu = 262_144;

/** Trains as the options say; returns the exit code. */
export async function trainCommand(context: Context<TrainOptions>): Promise<number> {
  const { options } = context;
  if (options.output === undefined) throw new UsageError("--output: expected a run folder, got none (see --help)");
  checkPromptShares(options);
  const folder = runFolder(options.output);
  context.rows.outlastReader(); // The run folder is what was asked for, and its log holds the same rows.
  const cases = await readCases(context, context.positionals);
  const validation = options.validate === undefined ? [] : await readCases(context, [options.validate]);
  refuseInputsAsOutputs(context, folder, [...cases, ...validation]);
  await ensureFolder(folder.path);
  await ensureFolder(folder.checkpoints);
  const lock = await takeLock(folder.lock, { beat: "thread", onWait: context.note });
  try {
    for (const path of [folder.path, folder.checkpoints]) await removeTemporaryFiles(path, { all: true });
    return await trainIn(folder, context, cases, validation);
  } finally {
    lock.release();
  }
}

/** The folder's files against all that is read; what a run goes on with, its checkpoint and its run.json, is both. */
function refuseInputsAsOutputs(context: Context<TrainOptions>, folder: RunFolder, cases: readonly InputCase[]): void {
  const { init, validate } = context.options;
  const { path: _, checkpoints: __, run, ...files } = folder;
  const check = overwriteCheck([run, ...Object.values(files)]);
  check([...namedInputs({ ...context, config: undefined }), init, validate]);
  check(cases.map(({ npz }) => npz));
  overwriteCheck(Object.values(files))([context.config]);
}

async function trainIn(
  folder: RunFolder,
  context: Context<TrainOptions>,
  cases: readonly InputCase[],
  validation: readonly InputCase[],
): Promise<number> {
  const { options, streams } = context;
  const config = configOf(options);
  const device = await openDevice(options.device, deviceSettings(options));
  context.note(`device: ${device.description}`);
  const settings = settingsOf(options, device.precision);
  if (device.name !== "webgpu" && settings.maxVoxels > largeForCpu) {
    context.note(
      `volumes of up to ${settings.maxVoxels} voxels take long here: --plan says how long, --max-voxels 110592 is a start`,
    );
  }
  const now = () => performance.now() / 1000;
  const stop = watchForStop(streams, {
    file: folder.stop,
    ...(options.maxTime !== undefined && { seconds: parseDuration(options.maxTime)! }),
    now,
    onSignal: () => context.log.warn("stopping after this sample, with a checkpoint (again to stop at once)"),
  });
  const control = watchControl(folder.path);
  const pool = openSamplePool(options.workers);
  try {
    const digest = casesDigest(cases);
    const begun = await beginOrResume(context, folder, { config, settings, cases: digest });
    const { state } = begun;
    try {
      if (begun.resumed && isDone(state, settings)) {
        context.note(`${folder.last}: all ${state.step} steps are done; more --epochs or --max-steps would go on`);
        await context.rows.write({ type: "end", step: state.step, reason: "already done" });
        return exitCodes.done;
      }
      const log = await openRunLog(folder.log, context.rows, begun.resumed ? state.step : undefined);
      await log.write(await describeRun(context, folder, { ...begun, device, cases: cases.length, digest }));
      const onUnknownSpacing = unknownSpacings(context);
      const run = openTrainingRun(context, {
        folder,
        checkpoints: openCheckpoints(folder, begun.resumed ? begun.from : undefined),
        state,
        settings,
        log,
        stop,
        now,
        cases,
        validation,
        onUnknownSpacing,
        standing: { cases: digest, best: begun.best, validatedStep: begun.validatedStep },
      });
      const ahead = options.workers * aheadPerWorker;
      const readable = await readableCases(cases);
      const stream = sampleStream(cases, pool, state.place, {
        ...settings,
        ahead,
        readable,
        needs: sampleNeeds(config),
        onUnknownSpacing,
      });
      const samples = untilSamplesAreLost(stream, cases.length);
      try {
        await run.settle();
        for await (const event of train(state, settings, samples, {
          count: cases.length,
          now,
          recompute: options.recompute,
        })) {
          await run.take(event);
          await nextTurn(); // Signals and timers are heard between turns of the event loop only.
          await control.obey({
            checkpoint: run.checkpointNow,
            validate: run.validateNow,
            stopped: () => stop.reason() !== undefined,
            note: context.log.warn,
          });
          if (stop.reason() !== undefined) break;
        }
        return await run.end();
      } catch (error) {
        if (error instanceof NonFiniteGradients) return await run.giveUp(error);
        if (error instanceof SamplesLost) await tellLost(context, error);
        // After each event the state is whole; what it has is not lost with whatever ends the run.
        await run.saveQuietly().catch((again: unknown) => context.log.debug(`not saved: ${describeError(again)}`));
        throw error;
      }
    } finally {
      disposeTraining(state);
    }
  } finally {
    control.close();
    stop.close();
    await pool.close();
    device.dispose();
  }
}

/** Says once of each case that its voxels are taken for cubes. */
function unknownSpacings({ log }: Context<TrainOptions>): (name: string) => void {
  const warned = new Set<string>();
  return (name) => {
    if (warned.has(name)) return;
    warned.add(name);
    log.warn(`${name}: spacing: expected the voxel size in its npz for --coordinates mm, got none; taken for cubes`);
  };
}

/** Failures that are the data's, not the cases': told, and not kept in the log of a run that goes on later. */
async function tellLost({ rows, log }: Context<TrainOptions>, { failures }: SamplesLost): Promise<void> {
  for (const { case: name, error = "no sample" } of failures) {
    log.warn(error);
    await rows.write({ type: "failure", case: name, stage: "sample", error });
  }
}
