import {
  type Context,
  ensureFolder,
  exitCodes,
  forEachCase,
  InputError,
  type ReadRow,
  readRows,
  UsageError,
  writeSeriesRows,
} from "@ensam/core/command";
import { describeDicomVolume, listSeries } from "@ensam/core/files";
import { runChallenge } from "./challenge/runChallenge.ts";
import { imageContext } from "./imageContext.ts";
import { type OpenModel, openModel } from "./openModel.ts";
import type { CommandOptions, SegmentOptions } from "./options.ts";
import { type Request, requestOfFlags, requestOfRow, stem } from "./request.ts";
import { resultLine } from "./resultLine.ts";
import { originOf, recordBeginning, recordRow, savedRow } from "./savedRow.ts";
import { type RequestResult, segmentRequest } from "./segmentRequest.ts";

/** Lists, answers the challenge, or segments an image. */
export async function segment(context: Context<CommandOptions>): Promise<number> {
  if (context.options.list) return writeSeriesRows(context, { listSeries, describe: describeDicomVolume });
  if (context.options.challenge) return runChallenge(context);
  return run(imageContext(context));
}

async function run(context: Context<SegmentOptions>): Promise<number> {
  return context.options.batch === undefined ? runOne(context) : runBatch(context, context.options.batch);
}

async function runOne(context: Context<SegmentOptions>): Promise<number> {
  const { streams, options } = context;
  let model: OpenModel | undefined;
  try {
    const { row, isDoubted } = await segmentRequest(context, requestOfFlags(context), async () => {
      model = await openModel(context);
      return model;
    });
    // People read a sentence; a pipe or a file gets the row.
    if (streams.outputIsTty) await context.rows.writeText(`${resultLine(row, streams.cwd)}\n`);
    else await context.rows.write(row);
    return options.strict && isDoubted ? exitCodes.someFailed : exitCodes.done;
  } finally {
    model?.dispose();
  }
}

/** Prompts of the command line that would hold for every image, which is never meant. */
const promptFlags = ["box", "click", "prompts", "boxFrom", "clickFrom", "refine"] as const;

async function runBatch(context: Context<SegmentOptions>, batch: string): Promise<number> {
  const { options, positionals } = context;
  const flag = promptFlags.find((name) => options[name] !== undefined);
  if (positionals[0] !== undefined || flag !== undefined) {
    const got = positionals[0] ?? `--${flag!.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(`--batch: expected the images and their prompts in its rows, got ${got} too`);
  }
  context.rows.outlastReader(); // The masks are what was asked for.
  for (const folder of [options.output, options.probabilities, options.preview]) {
    if (folder !== undefined) await ensureFolder(folder);
  }
  const model = await openModel(context);
  const segmentAndRecord = async (request: Request, made: unknown): Promise<RequestResult> => {
    const begin = () => recordBeginning(request, made);
    const result = await segmentRequest(context, request, async () => model, begin);
    await recordRow(request, made, result.row, result.isDoubted, options.relative);
    return result;
  };
  const written = new Map<string, string>();
  let doubted = false;
  try {
    const rows = readRows(context, [batch], ["request"]);
    const nameOf = ({ row }: ReadRow<"request">) => row.case ?? stem(row.image);
    const tally = await forEachCase(context, rows, { nameOf }, async ({ row, origin }) => {
      try {
        const request = requestOfRow(row, origin, options);
        const { mask } = request.outputs;
        const other = written.get(mask);
        if (other !== undefined) throw new InputError(`${mask}: expected a mask of its own, got that of ${other}`);
        written.set(mask, `${origin.file}:${origin.line}`);
        const made = await originOf(request, row, options, model);
        const saved = options.overwrite ? undefined : await savedRow(request, made);
        const result =
          saved?.row === undefined
            ? await segmentAndRecord({ ...request, overwrite: options.overwrite || saved?.isBegun === true }, made)
            : { row: saved.row, isDoubted: saved.isDoubted === true };
        doubted ||= result.isDoubted;
        return result.row;
      } catch (error) {
        // What is wrong with one image's prompts says nothing about the next.
        throw error instanceof UsageError ? new InputError(error.message, { cause: error }) : error;
      }
    });
    return tally.exitCode === exitCodes.done && options.strict && doubted ? exitCodes.someFailed : tally.exitCode;
  } finally {
    model.dispose();
  }
}
