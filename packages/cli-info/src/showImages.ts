import { resolve } from "node:path";
import { type Context, describeError, exitCodeOf, exitCodes, UsageError } from "@ensam/core/command";
import { describeDicomVolume, listSeries } from "@ensam/core/files";
import { describeImage } from "./describeImage.ts";
import type { InfoOptions } from "./options.ts";
import { textReport } from "./textReport.ts";

/** Describes each image in words or rows, and returns the exit code. */
export async function showImages(context: Context<InfoOptions>): Promise<number> {
  const { options, positionals, streams, rows } = context;
  if (positionals.length === 0) throw new UsageError("IMAGE: expected an image file or DICOM folder, got none");
  if (options.labels !== undefined && positionals.length > 1) {
    throw new UsageError(`--labels: expected one IMAGE beside it, got ${positionals.length}`);
  }
  const labels = options.labels === undefined ? undefined : resolve(streams.cwd, options.labels);
  let failed = 0;
  for (const image of positionals) {
    const path = resolve(streams.cwd, image);
    try {
      if (options.list) await list(context, path);
      else {
        const row = await describeImage(path, { ...options, ...(labels !== undefined && { labels }) });
        if (options.json) await rows.write(row);
        else await rows.writeText(`${textReport({ ...row, image }).join("\n")}\n`);
      }
    } catch (error) {
      if (![exitCodes.input, exitCodes.device].includes(exitCodeOf(error) as 3 | 4)) throw error;
      failed += 1;
      context.log.warn(describeError(error));
      if (options.json) await rows.write({ type: "failure", case: image, stage: "info", error: describeError(error) });
      if (positionals.length === 1) return exitCodeOf(error);
    }
  }
  if (failed === 0) return exitCodes.done;
  return failed === positionals.length ? exitCodes.input : exitCodes.someFailed;
}

async function list({ options, rows }: Context<InfoOptions>, path: string): Promise<void> {
  for (const volume of await listSeries(path)) {
    if (options.json) await rows.write({ type: "series", image: path, ...volume, problems: [...volume.problems] });
    else {
      const problems = volume.problems.map((problem) => `; ${problem}`).join("");
      await rows.writeText(`${describeDicomVolume(volume)}${problems}\n`);
    }
  }
}
