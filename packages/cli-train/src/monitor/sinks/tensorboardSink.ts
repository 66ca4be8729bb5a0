import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finite, type LogRow, scores } from "@ensam/core/runs";
import { runFacts } from "../state/runFacts.ts";
import type { Sink } from "./sink.ts";
import { scalarsEvent, tfRecord, versionEvent } from "./tfevents.ts";

/**
 * Writes the scalars of a run for TensorBoard, in a folder of the run's name. Times are the start of the run plus the
 * seconds of its rows, so that the same log gives the same bytes.
 */
export function tensorboardSink(folder: string, name: string): Sink {
  const runFolder = join(folder, name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_"));
  const file = join(runFolder, "events.out.tfevents.0000000000.ensam");
  mkdirSync(runFolder, { recursive: true });
  let seconds = 0;
  let begun = false;
  const begin = (startedSeconds: number) => {
    [seconds, begun] = [startedSeconds, true];
    writeFileSync(file, tfRecord(versionEvent(seconds)));
  };
  const eventOf = (row: LogRow): Buffer | undefined => {
    seconds += finite(row.seconds) ?? 0;
    const scalars = scalarsOf(row);
    return scalars.length === 0 ? undefined : tfRecord(scalarsEvent(seconds, finite(row.step) ?? 0, scalars));
  };
  return {
    take(rows, restarted) {
      if (restarted) begun = false;
      let records: Buffer[] = [];
      for (const row of rows) {
        if (!begun || (row.type === "run" && row.resumed !== true)) {
          begin(row.type === "run" ? (runFacts(row).startedSeconds ?? 0) : 0);
          records = [];
        }
        if (row.type !== "step" && row.type !== "validation") continue;
        const record = eventOf(row);
        if (record !== undefined) records.push(record);
      }
      if (records.length > 0) appendFileSync(file, Buffer.concat(records));
    },
    close() {},
  };
}

/** Tags and values of a step or a validation. */
export function scalarsOf(row: LogRow): [tag: string, value: number][] {
  const group = row.type === "step" ? "train" : "validation";
  const values: [string, unknown][] =
    row.type === "step"
      ? [
          "loss",
          "dice",
          "crossEntropy",
          "gradientNorm",
          "learningRate",
          "samplesPerSecond",
          "waitingSeconds",
          "memoryBytes",
        ].map((field) => [`${group}/${field}`, row[field]])
      : [[`${group}/dscFinal`, row.dscFinal]];
  const dsc = scores(row.dsc).map((value, i): [string, unknown] => [
    `${group}/dsc/${i === 0 ? "box" : `click${i}`}`,
    value,
  ]);
  return [...values, ...dsc].flatMap(([tag, value]) => {
    const number = finite(value);
    return number === undefined ? [] : [[tag, number] as [string, number]];
  });
}
