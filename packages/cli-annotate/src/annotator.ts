import { InputError, type Lock, takeLock } from "@ensam/core/command";
import { determinant } from "@ensam/core/geometry";
import type { SessionAnswer, SessionEvent } from "@ensam/core/session";
import type { SessionThread, ThreadSession } from "@ensam/core/sessionThread";
import type { Grid } from "@ensam/core/voxels";
import type { AnnotationCase } from "./caseList.ts";
import { displayWindows, largestAtOnce, valueRange } from "./displayImage.ts";
import { labelFormats, startEvents } from "./labelFiles.ts";
import { type CaseProgress, type OpenCase, openCase } from "./openCase.ts";
import type { AnnotateOptions } from "./options.ts";
import type { CaseState } from "./protocol.ts";

/** All images of a run of ensam-annotate, one of them open. */
export interface Annotator {
  readonly cases: readonly AnnotationCase[];
  /** The image that is open. */
  current(): OpenCase;
  /** Opens another image; its session goes on where it was left. */
  open(index: number): Promise<CaseState>;
  state(): Promise<CaseState>;
  apply(event: SessionEvent): Promise<SessionAnswer>;
  labels(): Promise<Grid<Uint8Array>>;
  /** Makes objects of a label map's labels. */
  startFrom(path: string): Promise<void>;
  close(): Promise<void>;
}

interface Opened extends OpenCase {
  readonly index: number;
  readonly session: OpenCase["session"];
  readonly live: ThreadSession;
  readonly lock: Lock;
  readonly shown: Pick<CaseState, "windows" | "range">;
  n: number;
}

/**
 * An annotator with its first image open.
 *
 * @param progress  told how far the first image is
 */
export async function openAnnotator(
  starting: Promise<SessionThread>,
  cases: readonly AnnotationCase[],
  options: AnnotateOptions,
  note: (line: string) => void,
  progress?: CaseProgress,
): Promise<Annotator> {
  let thread: SessionThread;
  let opened: Opened | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** Opening and closing go one after the other. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function open(index: number, onWay?: CaseProgress): Promise<void> {
    const { path, log } = cases[index]!;
    const lock = await lockLog(log);
    try {
      const found = await openCase(path, options, starting, undefined, onWay);
      thread = await starting;
      const live = await thread.open({ ...found.session, log });
      await leave();
      const range = valueRange(found.file.volume.data);
      const shown = { range, windows: displayWindows(found.file.volume.data, range, found.window) };
      opened = { ...found, index, live, lock, shown, n: live.lastEvent };
      for (const line of [...found.notes, ...live.notes]) note(line);
      if (live.restored > 0) note(`${log}: goes on after ${live.restored} events`);
    } catch (error) {
      lock.release();
      throw error;
    }
    if (options.labels !== undefined && now().live.restored === 0) await startFrom(options.labels);
  }

  async function leave(): Promise<void> {
    const before = opened;
    opened = undefined;
    await before?.live.close();
    before?.lock.release();
  }

  function now(): Opened {
    if (opened === undefined) throw new InputError("annotate: expected an open image, got none");
    return opened;
  }

  async function state(): Promise<CaseState> {
    const { index, file, live, shown, notes, n } = now();
    return {
      index,
      cases: cases.map(({ name }) => name),
      name: cases[index]!.name,
      shape: file.volume.shape,
      hasPreview: file.volume.data.length > largestAtOnce,
      affine: file.affine,
      spacing: file.volume.spacing,
      axes: file.stored.axes,
      voxelMm3: Math.abs(determinant(file.affine)),
      ...shown,
      notes: [...notes, ...live.notes],
      formats: labelFormats(file),
      model: live.header.model,
      device: thread.device,
      log: cases[index]!.log,
      report: await live.report(),
      n,
    };
  }

  async function apply(event: SessionEvent): Promise<SessionAnswer> {
    const target = now();
    const answer = await target.live.apply(event);
    target.n = answer.n;
    return answer;
  }

  async function startFrom(path: string): Promise<void> {
    const { file, live } = now();
    const taken = new Set((await live.report()).objects.map(({ label }) => label));
    const { events, notes } = await startEvents(path, file, taken);
    for (const event of events) await apply(event);
    for (const line of notes) note(line);
  }

  await open(0, progress).catch(async (error) => {
    await leave();
    throw error;
  });
  return {
    cases,
    current: now,
    open: (index) =>
      inTurn(async () => {
        if (index !== opened?.index) {
          if (!(Number.isInteger(index) && index >= 0 && index < cases.length)) {
            throw new InputError(`open: expected an image from 0 to ${cases.length - 1}, got ${index}`);
          }
          await open(index);
        }
        return state();
      }),
    state,
    apply,
    labels: async () => ({ data: await now().live.labels(), shape: now().file.volume.shape }),
    startFrom,
    close: () => inTurn(leave),
  };
}

async function lockLog(log: string): Promise<Lock> {
  try {
    const what = `${log}: expected a session that nobody else has open`;
    return await takeLock(`${log}.lock`, { beat: "timer", what });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${log}: expected a place for the session's log (--sessions FOLDER names another)`, {
      cause: error,
    });
  }
}
