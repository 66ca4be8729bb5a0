import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { asLines, type CallResult, callCommand } from "@ensam/core/command/testing";
import { randomStream } from "@ensam/core/voxels";
import { main } from "../main.ts";
import { writePhantom } from "./phantom.ts";

/** The built command: it starts in half a second, where the sources take several. */
export const builtCommand = fileURLToPath(new URL("../../bin/ensam-train.js", import.meta.url));
export const isBuilt = existsSync(new URL("../../dist/main.js", import.meta.url));

const flags = "--preset tiny --device wasm --threads 1 --workers 0 --clicks 1 --accumulate 1 --checkpoint-every 1";

/** A folder with two small cases, and ensam-train on them in this process or in one of its own. */
export interface TrainingFolder {
  readonly folder: string;
  argvOf(output: string, epochs: number): string[];
  runHere(output: string, epochs: number): Promise<CallResult>;
  startElsewhere(output: string, epochs: number): ChildProcess;
  /** Step rows in the log of a run. */
  stepsIn(output: string): number;
  checkpoint(output: string): Buffer;
}

export async function makeTrainingFolder(): Promise<TrainingFolder> {
  const folder = mkdtempSync(join(tmpdir(), "ensam-kill-"));
  const rows = [await writePhantom(folder, "CT_ball_1"), await writePhantom(folder, "CT_ball_2")];
  writeFileSync(join(folder, "cases.ndjson"), asLines(rows));
  const argvOf = (output: string, epochs: number) => [
    ...["cases.ndjson", "-o", output, "--epochs", `${epochs}`],
    ...flags.split(" "),
  ];
  return {
    folder,
    argvOf,
    runHere: (output, epochs) => callCommand(main, argvOf(output, epochs), { cwd: folder }),
    startElsewhere: (output, epochs) =>
      spawn(process.execPath, [builtCommand, ...argvOf(output, epochs)], {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      }),
    stepsIn(output) {
      const log = join(folder, output, "log.ndjson");
      return existsSync(log) ? (readFileSync(log, "utf8").match(/"type":"step"/g)?.length ?? 0) : 0;
    },
    checkpoint: (output) => readFileSync(join(folder, output, "checkpoints/last.safetensors")),
  };
}

export interface KilledRun {
  /** Kills that hit a run which was still going on. */
  readonly kills: number;
  /** The call after the last of them, which goes on to the end. */
  readonly last: CallResult;
}

/** Kills a run so many times (SIGKILL) at moments that the seed gives, starting it again each time, then lets it end. */
export async function killAgainAndAgain(
  { runHere, startElsewhere, stepsIn }: TrainingFolder,
  output: string,
  { epochs, wanted, seed }: { epochs: number; wanted: number; seed: number },
): Promise<KilledRun> {
  const random = randomStream(seed, "moments");
  let kills = 0;
  for (; kills < wanted; kills++) {
    const child = startElsewhere(output, epochs);
    const ended = once(child, "exit");
    const before = stepsIn(output);
    // Every fourth dies while it starts; the others somewhere in their first steps and savings.
    const isEarly = kills % 4 === 3;
    while (!isEarly && stepsIn(output) <= before && child.exitCode === null) await later(2);
    await later(random.uniform(0, 250));
    if (child.exitCode !== null) break;
    child.kill("SIGKILL");
    await ended;
  }
  return { kills, last: await runHere(output, epochs) };
}
