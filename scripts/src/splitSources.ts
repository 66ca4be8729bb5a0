/**
 * Splits source rows into train.ndjson and test.ndjson without letting one subject stand on both sides.
 *
 *   node scripts/dist/splitSources.js cases.ndjson -o FOLDER [--subject REGEX] [--every 4]
 *
 * Rows that share an image, or whose case name has the same match of `--subject`, form one group. Within each modality
 * every `--every`-th group is held out for testing; a modality with one group is tested only (nothing of it is trained
 * on), one with several gives at least its last.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { overwriteCheck } from "@ensam/core/command";

interface SourceRow {
  readonly case: string;
  readonly modality: string;
  readonly image: string;
  readonly label?: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", short: "o" },
    subject: { type: "string" },
    every: { type: "string", default: "4" },
  },
});
const [file] = positionals;
if (file === undefined || values.out === undefined) {
  process.stderr.write("splitSources: expected FILE.ndjson -o FOLDER [--subject REGEX] [--every N]\n");
  process.exitCode = 2;
} else {
  split(file, values.out, values.subject, Number(values.every));
}

function split(file: string, folder: string, subject: string | undefined, every: number): void {
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as SourceRow);
  const groupOf = grouping(subject);
  const groupsByModality = new Map<string, string[]>();
  const modalityOfGroup = new Map<string, string>();
  for (const row of rows) {
    const group = groupOf(row);
    if (modalityOfGroup.has(group)) continue;
    modalityOfGroup.set(group, row.modality);
    groupsByModality.set(row.modality, [...(groupsByModality.get(row.modality) ?? []), group]);
  }
  const held = new Set<string>();
  for (const groups of groupsByModality.values()) {
    const chosen = groups.filter((_, index) => index % every === every - 1);
    for (const group of chosen.length > 0 ? chosen : groups.slice(-1)) held.add(group);
  }

  overwriteCheck(["train", "test"].map((name) => path.join(folder, `${name}.ndjson`)))([file]);
  mkdirSync(folder, { recursive: true });
  for (const [name, wanted] of [["train", false] as const, ["test", true] as const]) {
    const lines = rows
      .filter((row) => held.has(groupOf(row)) === wanted)
      .map((row) => JSON.stringify(moved(row, path.dirname(file), folder)));
    writeFileSync(path.join(folder, `${name}.ndjson`), lines.map((line) => `${line}\n`).join(""));
    process.stderr.write(`${name}: ${lines.length} rows\n`);
  }
}

function grouping(subject: string | undefined): (row: SourceRow) => string {
  const pattern = subject === undefined ? undefined : new RegExp(subject);
  return (row) => pattern?.exec(row.case)?.[0] ?? row.image;
}

/** The row with its paths made relative to the folder it moves to. */
function moved(row: SourceRow, from: string, to: string): SourceRow {
  const relocate = (name: string) => path.relative(to, path.resolve(from, name));
  return {
    ...row,
    image: relocate(row.image),
    ...(row.label === undefined ? {} : { label: relocate(row.label) }),
  };
}
