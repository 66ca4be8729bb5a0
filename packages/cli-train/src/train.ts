import { setImmediate as nextTurn } from "node:timers/promises";
import { type Context, deviceSettings, ensureFolder, exitCodes, ReaderLeft, UsageError } from "@ensam/core/command";
import { openDevice } from "@ensam/core/tensors";
import { disposeTraining, isDone, NonFiniteGradients, train } from "@ensam/core/training";
import { parseDuration } from "./duration.ts";
import { watchControl } from "./monitor/control/control.ts";
import type { TrainOptions } from "./options.ts";
import { beginOrResume } from "./resume.ts";
import { casesDigest, readCases } from "./rows.ts";
import { runFolder } from "./runFolder.ts";
import { openRunLog } from "./runLog.ts";
import { describeRun } from "./runRow.ts";
import { openSamplePool } from "./samplePool.ts";
import { sampleStream } from "./sampleStream.ts";
import { openSession } from "./session.ts";
import { configOf, settingsOf } from "./settings.ts";
import { watchForStop } from "./stopRequest.ts";

/** Samples that each worker may be ahead of training. */
const aheadPerWorker = 2;

/** 64 x 64 x 64: larger volumes are for GPUs. */
const largeForCpu = 262_144;

/** Trains as the options say; returns the exit code. */
export async function trainCommand(context: Context<TrainOptions>): Promise<number> {
  const { options, streams } = context;
  if (options.output === undefined) throw new UsageError("--output: expected a run folder, got none (see --help)");
  const folder = runFolder(options.output);
  const config = configOf(options);
  const cases = await readCases(context, context.positionals);
  const validation = options.validate === undefined ? [] : await readCases(context, [options.validate]);
  await ensureFolder(folder.path);
  await ensureFolder(folder.checkpoints);
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
      const session = openSession(context, {
        folder,
        state,
        settings,
        log,
        stop,
        now,
        cases,
        validation,
        digest,
        best: begun.best,
        validatedStep: begun.validatedStep,
      });
      const ahead = options.workers * aheadPerWorker;
      const samples = sampleStream(cases, pool, state.place, { ...settings, ahead });
      try {
        await session.settle();
        for await (const event of train(state, settings, samples, {
          count: cases.length,
          now,
          recompute: options.recompute,
        })) {
          await session.take(event);
          await nextTurn(); // Signals and timers are heard between turns of the event loop only.
          await control.obey({
            checkpoint: session.checkpointNow,
            validate: session.validateNow,
            stopped: () => stop.reason() !== undefined,
            note: context.log.warn,
          });
          if (stop.reason() !== undefined) break;
        }
        return await session.end();
      } catch (error) {
        if (error instanceof NonFiniteGradients) return await session.giveUp(error);
        if (error instanceof ReaderLeft) await session.saveQuietly();
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
