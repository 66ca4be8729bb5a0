import { resolve } from "node:path";
import type { RowOf } from "../rows/index.ts";
import type { Context } from "./context.ts";
import { exitCodes, UsageError } from "./errors.ts";

/** A DICOM volume as it is listed. */
type Listed = Pick<
  RowOf<"series">,
  "number" | "seriesUid" | "description" | "modality" | "kind" | "slices" | "rows" | "columns"
> & { readonly problems: readonly string[] };

/** How the volumes in a place are found and put into words; `files` has both. */
export interface SeriesLister<Volume extends Listed> {
  listSeries(path: string): Promise<readonly Volume[]>;
  describe(volume: Volume): string;
}

/** Writes a row for each DICOM volume in the places given (on a terminal a line), by the numbers that `--series` takes. */
export async function writeSeriesRows<Volume extends Listed>(
  { positionals, rows, streams }: Context<object>,
  { listSeries, describe }: SeriesLister<Volume>,
): Promise<number> {
  if (positionals.length === 0) throw new UsageError("--list: expected DICOM folders, zip archives or files, got none");
  for (const path of positionals) {
    const image = resolve(streams.cwd, path);
    for (const volume of await listSeries(image)) {
      if (streams.outputIsTty) await rows.writeText(`${path}: ${describe(volume)}\n`);
      else await rows.write({ type: "series", image, ...volume, problems: [...volume.problems] });
    }
  }
  return exitCodes.done;
}
