import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { AnnotationRow, Context } from "@ensam/core/command";
import { ensureWritable, exitCodes, InputError, UsageError } from "@ensam/core/command";
import { maskEndings, maskFormatOf } from "@ensam/core/files";
import { EventError, type SessionEvent } from "@ensam/core/session";
import { eventRefused, expectSameImage, readSessionLog, type SessionThread } from "@ensam/core/sessionThread";
import { writeLabels } from "./labelFiles.ts";
import { openCase } from "./openCase.ts";
import type { AnnotateOptions } from "./options.ts";

/**
 * Plays a log again in a session without log, with one row for each event and, if asked for, the label map at its end.
 */
export async function replay(
  context: Context<AnnotateOptions>,
  log: string,
  start: (options: AnnotateOptions) => Promise<SessionThread>,
): Promise<number> {
  const { options, positionals, streams, rows } = context;
  const { output } = options;
  if (output !== undefined) {
    if (maskFormatOf(output) === undefined) {
      throw new UsageError(`--output ${output}: expected a name ending in ${maskEndings}`);
    }
    if (existsSync(output)) throw new InputError(`${output}: expected no file yet, got one`);
    await ensureWritable(output);
  }
  const { header, events, notes } = readSessionLog(log);
  for (const line of notes) context.log.warn(line);
  const path = positionals[0] === undefined ? header.image : resolve(streams.cwd, positionals[0]);
  // The same grey levels: what the flags leave open is taken from the log.
  const intensity = header.intensity as Partial<AnnotateOptions>;
  const thread = await start(options);
  try {
    const found = await openCase(
      path,
      { ...options, ...intensity, maxVoxels: header.maxVoxels },
      Promise.resolve(thread),
    );
    const { cropWithoutBox, maxVoxels } = header;
    const session = await thread.open({
      ...found.session,
      header: { ...found.session.header, cropWithoutBox, maxVoxels },
    });
    expectSameImage(log, header, session.header);
    if (thread.model !== header.model) context.log.warn(`${log}: made with ${header.model}; masks may differ`);
    const failed = new Set(events.flatMap((event, i) => (events[i + 1]?.type === "failed" ? [event] : [])));
    for (const event of events) {
      if (event.type === "failed" || failed.has(event)) continue;
      const begin = performance.now();
      const { n, ...bare } = event;
      const { objects } = await session.apply(bare as SessionEvent).catch((error) => {
        throw error instanceof EventError
          ? eventRefused({ path: log, events }, new EventError(error.message, n))
          : error;
      });
      const seconds = Math.round(performance.now() - begin) / 1000;
      const labels = createHash("sha256")
        .update(await session.labels())
        .digest("hex");
      const row: AnnotationRow = {
        type: "annotation",
        image: path,
        n,
        event: shortened(bare as SessionEvent),
        objects: objects.map(({ label, name, voxels }) => ({ label, name, voxels })),
        labels,
        seconds,
      };
      await rows.write(row);
    }
    if (output !== undefined) {
      const data = await session.labels();
      const { objects } = await session.report();
      await writeLabels(output, { data, shape: found.file.volume.shape }, objects, found.file);
    }
  } finally {
    await thread.close();
  }
  return exitCodes.done;
}

/** Long runs are in the log already. */
function shortened(event: SessionEvent): AnnotationRow["event"] {
  return "runs" in event ? { ...event, runs: event.runs.length / 2 } : { ...event };
}
