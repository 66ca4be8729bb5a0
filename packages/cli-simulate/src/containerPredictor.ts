import { copyFile, mkdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Context, describeError, InputError, openWorkFolder } from "@ensam/core/command";
import { type ChallengeCase, readChallengeCase, readNpz, writeChallengeCase } from "@ensam/core/files";
import { type Answer, boxOfChallenge, type Round, type Simulation, simulation } from "@ensam/core/prompts";
import type { LabelMap } from "@ensam/core/voxels";
import { labelsOfOrder, narrowLabels, orderOfLabels, wrappedLabels } from "./labelOrder.ts";
import type { SimulateOptions } from "./options.ts";
import { type Predictor, withPrompts } from "./predictor.ts";
import { predictorFiles } from "./predictorFiles.ts";
import { type ProcessResult, runProcess } from "./runProcess.ts";
import type { SimulatedCase } from "./simulatedCase.ts";

/** Any program, called for each interaction as the challenge calls a container. */
export async function containerPredictor(context: Context<SimulateOptions>, command: string): Promise<Predictor> {
  const { options, streams } = context;
  const work = await openWorkFolder(context.name, streams);
  return {
    name: options.name ?? withPrompts(programName(command), options),
    identity: {
      predictor: command,
      renumber: options.renumber,
      named: await predictorFiles(command, streams.cwd),
    },
    jobs: options.jobs,
    files: [],
    async simulate(item) {
      const folder = work.folder();
      try {
        return await simulateIn(folder, item, command, context);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    dispose: work.close,
  };
}

/** `sh $OLDPWD/predict.sh --fast` is called predict.sh. */
export function programName(command: string): string {
  const names = command.split(/\s+/).map((word) => basename(word.replaceAll(/["']/g, "")));
  return names.find((name) => !/^(sh|bash|node|python[\d.]*|-.*|)$/.test(name)) ?? "predictor";
}

/**
 * The loop in a working folder. As in the challenge, `inputs/` and `outputs/` stay between the calls of a case (a
 * program may keep notes there), and the exit status does not count if there is an output. Unlike there, an output has
 * to be new.
 */
async function simulateIn(
  folder: string,
  item: SimulatedCase,
  command: string,
  { options, streams, log }: Context<SimulateOptions>,
): Promise<Simulation> {
  const file = `${item.name}.npz`;
  const input = join(folder, "inputs", file);
  const output = join(folder, "outputs", file);
  await mkdir(join(folder, "inputs"));
  await mkdir(join(folder, "outputs"));
  const limit = options.timeLimit === 0 ? Number.POSITIVE_INFINITY : options.timeLimit * item.labels.length;
  let spent = 0;
  let hasWarned = false;
  /**
   * The official evaluator makes uint8 of what it places clicks by and hands on; scores are of the labels as they are.
   */
  function seenByEvaluator(labels: LabelMap): LabelMap | undefined {
    const wrapped = wrappedLabels(labels);
    if (wrapped !== undefined && !hasWarned) {
      log.warn(
        `${item.name}: labels over 255 in the predictor's output wrap in clicks and prev_pred (modulo 256), as in the evaluator`,
      );
      hasWarned = true;
    }
    return wrapped;
  }

  async function answer(round: Round): Promise<Answer> {
    if (round.interaction === 0 && item.isOriginal) await copyFile(item.npz, input);
    else await writeChallengeCase(input, inputOf(item, round, options.renumber));
    await rm(output, { force: true });
    const result = await runProcess(command, {
      cwd: folder,
      env: { ...streams.env, PWD: folder, OLDPWD: streams.cwd },
      limitSeconds: limit - spent,
      onLine: log.debug,
    });
    spent += result.seconds;
    const where = `predictor: interaction ${round.interaction}`;
    const refuseLate = (): void => {
      throw new InputError(
        `${where}: expected all interactions within ${limit} s (${options.timeLimit} s for each of ${item.labels.length} labels), got none of this one after ${spent.toFixed(1)} s`,
      );
    };
    if (result.timedOut) refuseLate();
    const read = performance.now();
    const labels = await readAnswer(output, file, where, item, result);
    spent += (performance.now() - read) / 1000;
    if (spent > limit) refuseLate();
    const seen = seenByEvaluator(labels);
    const named = (map: LabelMap) => (options.renumber ? labelsOfOrder(map, item.labels) : map);
    return { labels: named(labels), ...(seen && { seen: named(seen) }), seconds: result.seconds };
  }

  const boxes = item.boxes?.map((box, i) => [item.labels[i]!, boxOfChallenge(box)] as const);
  return await simulation(item.truth, { labels: item.labels, boxes: new Map(boxes) }, answer);
}

/** What the program gets: the image, spacing and boxes, and from the first click on clicks and previous prediction. */
function inputOf(item: SimulatedCase, round: Round, renumber: boolean): ChallengeCase {
  const { imgs, storedSpacing, textPrompts } = item.content;
  const base: ChallengeCase = { imgs, storedSpacing, boxes: item.boxes };
  if (round.interaction === 0) return { ...base, textPrompts };
  const kinds = round.history.map((clicks) =>
    clicks.map((click) => (click === undefined ? null : click.foreground ? ("fg" as const) : ("bg" as const))),
  );
  const clicks = round.objects.map((object) => ({
    fg: object.clicks.filter((click) => click.foreground).map((click) => click.at),
    bg: object.clicks.filter((click) => !click.foreground).map((click) => click.at),
  }));
  const prevPred = renumber ? orderOfLabels(round.previous, item.labels) : round.previous;
  return { ...base, clicks, clicksOrder: kinds, prevPred };
}

/**
 * Refuses an output whose reading could take forever, before it is read: one that is no file (opening a FIFO waits for
 * a writer), and one that says it holds more than a label map of the widest type.
 */
async function expectPlainOutput(output: string, voxels: number): Promise<void> {
  const status = await stat(output).catch(() => undefined);
  if (status === undefined) return; // Reading says what is wrong.
  if (!status.isFile()) throw new InputError(`${output}: expected a file, got something else`);
  const bytes = (await readNpz(output)).bytes("segs") ?? 0;
  const most = 8 * voxels + 65536;
  if (bytes > most) throw new InputError(`${output}: segs: expected at most ${most} bytes, got ${bytes}`);
}

async function readAnswer(
  output: string,
  file: string,
  where: string,
  item: SimulatedCase,
  { status, lastWords }: ProcessResult,
): Promise<LabelMap> {
  let segs: LabelMap;
  try {
    await expectPlainOutput(output, item.image.data.length);
    segs = (await readChallengeCase(output, ["segs"])).segs!;
  } catch (error) {
    const said = lastWords === "" ? "" : `; it said: ${lastWords.split("\n").slice(-3).join(" | ")}`;
    const ended = status === undefined ? "ended by a signal" : `exit ${status}`;
    const problem = describeError(error).replaceAll(output, `outputs/${file}`);
    throw new InputError(`${where}: ${problem} (${ended}${said})`, { cause: error });
  }
  if (segs.shape.join() !== item.image.shape.join()) {
    throw new InputError(`${where}: outputs/${file}: segs: expected shape [${item.image.shape}], got [${segs.shape}]`);
  }
  return narrowLabels(segs);
}
