import { resolve } from "node:path";
import { type Context, exitCodes, UsageError } from "@ensam/core/command";
import { describeDicomVolume, listSeries } from "@ensam/core/files";

/** Writes a row for each DICOM volume in IMAGE (on a terminal a line), by the numbers that `--series` takes. */
export async function listSeriesOf({ positionals, rows, streams }: Context<object>): Promise<number> {
  if (positionals.length === 0) throw new UsageError("--list: expected a DICOM folder, zip archive or file, got none");
  for (const given of positionals) {
    const image = resolve(streams.cwd, given);
    for (const volume of await listSeries(image)) {
      if (streams.outputIsTty) await rows.writeText(`${given}: ${describeDicomVolume(volume)}\n`);
      else await rows.write({ type: "series", image, ...volume, problems: [...volume.problems] });
    }
  }
  return exitCodes.done;
}
