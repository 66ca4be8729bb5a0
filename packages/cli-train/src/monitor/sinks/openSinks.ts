import type { TakeRows } from "../followRun.ts";
import { csvSink } from "./csvSink.ts";
import type { Sink } from "./sink.ts";
import { tensorboardSink } from "./tensorboardSink.ts";

/** The files asked for; `take[i]` is given the rows of run i. */
export function openSinks({ csv, tensorboard }: { csv?: string; tensorboard?: string }, names: readonly string[]) {
  const table = csv === undefined ? undefined : csvSink(csv, names.length);
  const sinks = names.map((name, i): Sink[] => [
    ...(table === undefined ? [] : [table(name, i)]),
    ...(tensorboard === undefined ? [] : [tensorboardSink(tensorboard, name)]),
  ]);
  return {
    take: sinks.map(
      (ofRun): TakeRows =>
        (rows, restarted) => {
          for (const sink of ofRun) sink.take(rows, restarted);
        },
    ),
    close() {
      for (const sink of sinks.flat()) sink.close();
    },
  };
}
