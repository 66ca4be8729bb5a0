/**
 * The data of the weights in the box: checks the collections against the committed split and writes the source rows.
 *
 *   node scripts/dist/weightsData.js --samples DIR --samples2 DIR -o FOLDER
 *   node scripts/dist/weightsData.js --samples DIR --samples2 DIR --write-split     the split itself, by its rules
 *
 * FOLDER gets train.ndjson, validation.ndjson, test.ndjson and labelmaps.ndjson (label maps without image, for
 * training). A file that is missing or differs from the split's hash ends it: other data would be another recipe.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type Collection,
  nameHash,
  readCollection,
  readSplit,
  type SplitRow,
  sha256Of,
  splitPath,
} from "./weights/splitFile.ts";
import { type CollectedCase, placeCases } from "./weights/splitRules.ts";

const { values } = parseArgs({
  options: {
    samples: { type: "string" },
    samples2: { type: "string" },
    out: { type: "string", short: "o" },
    "write-split": { type: "boolean", default: false },
  },
});
const { samples, samples2, out } = values;
if (samples === undefined || samples2 === undefined || (out === undefined) === !values["write-split"]) {
  process.stderr.write("weightsData: expected --samples DIR --samples2 DIR and -o FOLDER or --write-split\n");
  process.exitCode = 2;
} else {
  const folders: Record<Collection, string> = { samples: resolve(samples), samples2: resolve(samples2) };
  if (out === undefined) writeSplit(folders);
  else writeSources(folders, out);
}

function writeSplit(folders: Record<Collection, string>): void {
  const collected = (["samples", "samples2"] as const).flatMap((collection) =>
    readCollection(folders[collection]).map((row) => ({ collection, row })),
  );
  const places = placeCases(
    collected.map(({ row }) => row),
    nameHash,
  );
  const rows = collected.map(({ collection, row }): SplitRow => {
    const { image } = row;
    const hashed = (path: string) => sha256Of(join(folders[collection], path));
    return {
      case: row.case,
      collection,
      type: row.type,
      dataset: row.dataset,
      ...(row.modality !== undefined && { modality: row.modality }),
      ...places.get(row.case)!,
      licence: row.licence,
      ...(image !== undefined && { imageSha256: hashed(image) }),
      labelSha256: hashed(row.label),
    };
  });
  writeFileSync(splitPath, linesOf(rows));
  process.stderr.write(`${rows.length} cases: ${splitPath.pathname}\n`);
}

function writeSources(folders: Record<Collection, string>, folder: string): void {
  const rows = new Map<string, CollectedCase>();
  for (const collection of ["samples", "samples2"] as const) {
    for (const row of readCollection(folders[collection])) rows.set(row.case, absolute(row, folders[collection]));
  }
  const split = readSplit();
  const wrong = split
    .filter(({ role }) => role !== "unused")
    .flatMap((placed) => problemOf(placed, rows.get(placed.case)));
  if (wrong.length > 0) {
    for (const problem of wrong.slice(0, 10)) process.stderr.write(`weightsData: ${problem}\n`);
    process.exitCode = 3;
    return;
  }
  mkdirSync(folder, { recursive: true });
  const lists = {
    train: split.filter(({ role, type }) => role === "train" && type === "source"),
    validation: split.filter(({ role }) => role === "validation"),
    test: split.filter(({ role }) => role === "test"),
    labelmaps: split.filter(({ role, type }) => role === "train" && type === "labelmap"),
  };
  for (const [name, placed] of Object.entries(lists)) {
    writeFileSync(join(folder, `${name}.ndjson`), linesOf(placed.map((row) => rows.get(row.case)!)));
    process.stderr.write(`${name}: ${placed.length} rows\n`);
  }
}

function absolute(row: CollectedCase, folder: string): CollectedCase {
  const { image, label } = row;
  return { ...row, ...(image !== undefined && { image: join(folder, image) }), label: join(folder, label) };
}

function problemOf({ case: name, imageSha256, labelSha256 }: SplitRow, row: CollectedCase | undefined): string[] {
  if (row === undefined) return [`${name}: expected a row, got none`];
  const files = [
    [row.image, imageSha256],
    [row.label, labelSha256],
  ] as const;
  return files.flatMap(([path, wanted]) => {
    if (path === undefined) return [];
    const got = sha256Of(path);
    return got === wanted ? [] : [`${path}: expected SHA-256 ${wanted}, got ${got}`];
  });
}

function linesOf(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
