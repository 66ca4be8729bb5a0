import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { mean } from "@ensam/core/scoring";
import { readLines } from "../weights/splitFile.ts";
import type { PromptWay, Scored, TestCase } from "./compareArms.ts";

/** One training of one arm. */
export interface Run {
  readonly arm: string;
  readonly seed: number;
  readonly steps: number;
  /** Whether it was trained to its end. */
  readonly isTrained: boolean;
  readonly isScored: boolean;
  readonly epochs: readonly Epoch[];
  /** Seconds of its steps, waiting for samples included. */
  readonly seconds: number;
}

/** One epoch of a run, from 1. */
export interface Epoch {
  readonly epoch: number;
  /** Mean training loss of its steps. */
  readonly loss: number;
  /** Mean DSC on the validation cases at its end, over box and clicks; absent where none was made. */
  readonly dsc?: number;
}

/** All that the runs of an ablation folder say. */
export interface Ablation {
  readonly runs: readonly Run[];
  readonly scores: readonly Scored[];
  readonly cases: readonly TestCase[];
}

/** Objects of the test cases with at most so many voxels are small. */
export const smallUpTo = 64;

interface CaseLine {
  readonly case: string;
  readonly spacing: readonly number[];
  readonly labels: Readonly<Record<string, { readonly voxels: number }>>;
}

interface ScoreLine {
  readonly type: string;
  readonly model: string;
  readonly case: string;
  readonly dscAuc: number | null;
  readonly dscFinal: number | null;
  readonly classes: readonly { readonly label: number; readonly dsc: readonly (number | null)[] }[];
}

interface LogLine {
  readonly type: string;
  readonly step?: number;
  readonly epoch?: number;
  readonly loss?: number;
  readonly seconds?: number;
  readonly reason?: string;
  readonly dsc?: readonly (number | null)[];
}

/** Reads `runs/ARM-sSEED/` of a folder that `make ablation` works in, finished or not. */
export function readAblation(folder: string): Ablation {
  const lines = readLines(join(folder, "test.ndjson")) as (CaseLine & { type: string })[];
  const rows = lines.filter(({ type }) => type === "case");
  const voxels = new Map(rows.map((row) => [row.case, row.labels]));
  const runs = readRuns(folder);
  const scores = runs
    .filter(({ isScored }) => isScored)
    .flatMap(({ arm, seed }) => {
      const lines = readLines(join(folder, "runs", `${arm}-s${seed}`, "scores.ndjson"));
      return scoresIn(lines as ScoreLine[], voxels);
    });
  const cases = rows.map(({ case: name, spacing, labels }) => ({
    case: name,
    objects: Object.keys(labels).length,
    anisotropy: Math.max(...spacing) / Math.min(...spacing),
  }));
  return { runs, scores, cases };
}

/** The same without scores. */
export function readRuns(folder: string): Run[] {
  const names = existsSync(join(folder, "runs")) ? readdirSync(join(folder, "runs")).sort() : [];
  const found = names.flatMap((name) => {
    const match = /^(.+)-s(\d+)$/.exec(name);
    return match === null ? [] : [{ name, arm: match[1]!, seed: Number(match[2]) }];
  });
  return found.map(({ name, arm, seed }): Run => {
    const pathOf = (file: string) => join(folder, "runs", name, file);
    const log = existsSync(pathOf("log.ndjson")) ? (readLines(pathOf("log.ndjson")) as LogLine[]) : [];
    const steps = log.filter(({ type }) => type === "step");
    return {
      arm,
      seed,
      isScored: existsSync(pathOf("scores.ndjson")),
      isTrained: existsSync(pathOf(".trained")),
      steps: steps.at(-1)?.step ?? 0,
      seconds: steps.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
      epochs: epochsOf(log),
    };
  });
}

/** Score rows whose model is called `ARM-sSEED box` or `ARM-sSEED clicks`. */
function scoresIn(lines: readonly ScoreLine[], labels: ReadonlyMap<string, CaseLine["labels"]>): Scored[] {
  return lines.flatMap(({ type, model, case: name, dscAuc, dscFinal, classes }) => {
    const match = /^(.+)-s(\d+) (box|clicks)$/.exec(model ?? "");
    if (type !== "score" || match === null || dscAuc === null || dscFinal === null) return [];
    const small = classes.filter(({ label }) => (labels.get(name)?.[String(label)]?.voxels ?? Infinity) <= smallUpTo);
    return [
      {
        arm: match[1]!,
        seed: Number(match[2]),
        prompts: match[3] as PromptWay,
        case: name,
        dscAuc,
        dscFinal,
        small: small.flatMap(({ dsc }) => dsc.at(-1) ?? []),
      },
    ];
  });
}

/** Training loss and validation of the epochs that are over; a step's `epoch` counts epochs that are done after it. */
export function epochsOf(log: readonly LogLine[]): Epoch[] {
  const losses = new Map<number, number[]>();
  for (const { type, epoch, loss } of log) {
    if (type !== "step" || epoch === undefined || loss === undefined) continue;
    const index = Math.ceil(epoch - 1e-6);
    losses.set(index, [...(losses.get(index) ?? []), loss]);
  }
  const validations = new Map(
    log
      .filter(({ type }) => type === "validation")
      .map(({ epoch = 0, dsc = [] }) => [Math.round(epoch), mean(dsc.filter((value) => value !== null))]),
  );
  const last = Math.floor(
    Math.max(0, ...log.flatMap(({ type, epoch }) => (type === "step" ? [epoch ?? 0] : []))) + 1e-6,
  );
  return [...losses]
    .filter(([epoch]) => epoch <= last)
    .map(([epoch, values]) => {
      const dsc = validations.get(epoch);
      return { epoch, loss: mean(values), ...(dsc !== undefined && { dsc }) };
    });
}
