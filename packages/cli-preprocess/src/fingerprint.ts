import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { detachedDataFiles } from "@ensam/core/files";
import type { CaseContent } from "./prepareCase.ts";

/**
 * What an output was made from. It lies beside the output as FOLDER/.ensam/CASE.json, so that a later run can
 * tell that the output is up to date, and that it is one of ours at all.
 */
export interface Sidecar {
  readonly madeFrom: Fingerprint;
  /** Size of the npz in bytes; absent while it is being written. */
  readonly bytes?: number;
  /** What the case row says about the npz; absent while it is being written. */
  readonly content?: CaseContent;
  /** What `--explain` prints. */
  readonly notes?: readonly string[];
  /** What is said of the case whenever it comes up. */
  readonly warnings?: readonly string[];
}

/** Inputs by path, size and time of change, and everything else that decides about the output. */
export interface Fingerprint {
  readonly inputs: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

/**
 * Returns one line per input; of a folder, a digest over the files in it and below, of a header whose values lie
 * elsewhere, one over these files too. A missing input is a system error.
 */
export async function fingerprint(
  inputs: readonly string[],
  rules: Readonly<Record<string, unknown>>,
): Promise<Fingerprint> {
  return { inputs: await Promise.all(inputs.map(inputLine)), rules };
}

async function inputLine(path: string): Promise<string> {
  const status = await stat(path);
  if (status.isDirectory()) return `${path} ${await digestOf(path, await readdir(path, { recursive: true }))}`;
  const line = `${path} ${status.size} ${status.mtimeMs}`;
  const besides = await detachedDataFiles(path);
  const folder = dirname(path);
  const names = besides.map((file) => relative(folder, file));
  return names.length === 0 ? line : `${line} ${await digestOf(folder, names)}`;
}

/** A digest over names, sizes and times of change of files in a folder; one that is missing counts as such. */
async function digestOf(folder: string, names: readonly string[]): Promise<string> {
  const digest = createHash("sha256");
  for (const name of names.toSorted()) {
    const status = await stat(resolve(folder, name)).catch(() => undefined);
    digest.update(`${name} ${status?.size} ${status?.mtimeMs}\n`);
  }
  return digest.digest("hex");
}

/** Returns the path of the sidecar of a case. */
export function sidecarPath(folder: string, name: string): string {
  return join(folder, ".ensam", `${name}.json`);
}

/** Returns a case's sidecar, or undefined if there is none that can be read. */
export async function readSidecar(folder: string, name: string): Promise<Sidecar | undefined> {
  try {
    const sidecar = JSON.parse(await readFile(sidecarPath(folder, name), "utf8")) as Sidecar;
    return typeof sidecar === "object" && sidecar?.madeFrom !== undefined ? sidecar : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the size of a file in bytes, or undefined if there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

/** Whether two fingerprints say the same. */
export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
