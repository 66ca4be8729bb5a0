import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface MakeProcess {
  readonly child: ChildProcess;
  /** Its exit code; null when the signal itself ended it. */
  readonly ended: Promise<number | null>;
  /** What it and its commands have printed so far. */
  said(): string;
}

/** Starts make in the repository, in a process group of its own, without looking whether the build is up to date. */
export function makeProcess(argv: readonly string[], input?: string): MakeProcess {
  // Without what the make that runs the tests (make test) hands to a make below it.
  const { MAKELEVEL: _, MAKEFLAGS: __, MFLAGS: ___, ...env } = process.env;
  const child = spawn("make", ["-o", "node_modules/.built", ...argv], {
    cwd: root,
    detached: true,
    env,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let text = "";
  const hear = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout!.on("data", hear);
  child.stderr!.on("data", hear);
  child.stdin?.end(input);
  return { child, ended: new Promise((resolve) => child.on("close", resolve)), said: () => text };
}

/** The demo as small as it gets: five cases of 16 to 24 voxels a side to train on, one to test. */
export function demoFlags(folder: string, epochs = 1): string[] {
  return [
    `OUT=${folder}`,
    "DEVICE=wasm",
    "PHANTOM_FLAGS=--cases 4 --test 1 --size 16 --objects 2 --smallest 30 --modality CT --modality MR --seed 1",
    `TRAIN_FLAGS=--preset tiny --max-voxels 4096 --clicks 1 --accumulate 1 --epochs ${epochs} --workers 0 --threads 1`,
  ];
}
