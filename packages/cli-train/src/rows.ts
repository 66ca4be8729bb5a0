import { createHash } from "node:crypto";
import { type CaseRow, type Context, noCases, readRows, resolvePath } from "@ensam/core/command";

/** A case to train or validate on. */
export interface InputCase {
  readonly row: CaseRow;
  /** Absolute path. */
  readonly npz: string;
}

/** All case rows of the files, in their order. Training goes over them many times, so they are kept. */
export async function readCases(context: Context<object>, files: readonly string[]): Promise<InputCase[]> {
  const cases: InputCase[] = [];
  for await (const { row, origin } of readRows(context, files, ["case"])) {
    cases.push({ row, npz: resolvePath(origin, row.npz) });
  }
  if (cases.length === 0) throw noCases({ positionals: files });
  return cases;
}

/** A digest of what the rows say about the cases and of their order; not of where the files are. */
export function casesDigest(cases: readonly InputCase[]): string {
  const hash = createHash("sha256");
  for (const { row } of cases)
    hash.update(JSON.stringify([row.case, row.modality, row.dataset, row.shape, row.labels]));
  return hash.digest("hex").slice(0, 16);
}
