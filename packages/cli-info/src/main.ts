import { resolve } from "node:path";
import { type Context, defineCommand, describeError, exitCodeOf, exitCodes, UsageError } from "@ensam/core/command";
import { describeDicomVolume, listSeries } from "@ensam/core/files";
import { describeImage } from "./describeImage.ts";
import { type InfoOptions, infoOptions } from "./options.ts";
import { textReport } from "./textReport.ts";

/** `ensam-info`: what an image file is, as the other commands see it. */
export const main = defineCommand<InfoOptions>({
  name: "ensam-info",
  summary:
    "says what an image or label map is: shape, spacing, axes, values, DICOM series, labels, and what is odd about it",
  description: [
    "The same readers as in the other commands: what is said here is what they work with, in the file's own order of axes (z, y, x), counted from 0. Warnings are what the file leaves open and was guessed.",
    "Labels are counted for a label map: one with few different values, all whole and from 0; the gts or segs of an npz; a DICOM-SEG or .seg.nrrd; or the one that --labels names. Names come from the file or from NAME.labels.json beside it.",
    "An image that cannot be read is told in one line on standard error (with --json as a failure row too), and the others go on: exit code 1 if some failed, 3 if all did.",
  ],
  examples: [
    { command: "ensam-info ct.nii.gz", doc: "one image, in words" },
    { command: "ensam-info ct/ --labels liver.seg.nrrd", doc: "a DICOM series and a segmentation that lies on it" },
    { command: "ensam-info --list study/", doc: "the DICOM volumes in a folder, to choose one with --series" },
    { command: "ensam-info --json scans/*.nii.gz | jq -r '[.image, .axes] | @tsv'", doc: "rows, for programs" },
  ],
  positionals: { name: "IMAGE", doc: "image files or DICOM folders", many: true },
  writes: ["image", "series", "failure"],
  options: infoOptions,
  run,
});

async function run(context: Context<InfoOptions>): Promise<number> {
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
