/**
 * Writes the rows of one training epoch: parts of case rows, near-uniform over datasets and by objects.
 *
 *   node scripts/dist/weightsEpoch.js --count 4000 \
 *     REAL.ndjson=0.5 SYNTHETIC.ndjson=0.35 SHAPES.ndjson=0.15 > epoch.ndjson
 *
 * A row that occurs twice gives two samples an epoch, each with its own crop, prompts and augmentation.
 */
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type BalancedRow, balanceRows } from "./weights/balanceRows.ts";
import { readLines } from "./weights/splitFile.ts";

interface CaseRow extends BalancedRow {
  readonly type: string;
  readonly npz: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string", default: "4000" }, seed: { type: "string", default: "1" } },
});
const parts = positionals.map((argument) => {
  const [file, share] = argument.split("=");
  return { file: file!, share: Number(share) };
});
if (parts.length === 0 || parts.some(({ share }) => !(share >= 0))) {
  process.stderr.write("weightsEpoch: expected FILE.ndjson=SHARE ..., got no share\n");
  process.exitCode = 2;
} else {
  const read = parts.map(({ file, share }) => ({ share, rows: rowsOf(file) }));
  for (const row of balanceRows(read, Number(values.count), Number(values.seed))) {
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
}

/** The case rows of a file, with paths that hold wherever they are read. */
function rowsOf(file: string): CaseRow[] {
  const rows = (readLines(file) as CaseRow[]).filter(({ type }) => type === "case");
  return rows.map((row) => ({ ...row, npz: resolve(dirname(file), row.npz) }));
}
