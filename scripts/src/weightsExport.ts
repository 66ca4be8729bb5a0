/**
 * Writes the weights of a run, averaged where the run keeps an average, as a file to ship: half floats, no optimizer
 * state. Beside it, weights.json says its name, SHA-256, size and steps, for the package @ensam/weights.
 *
 *   node scripts/dist/weightsExport.js RUN|FILE -o weights.safetensors [--note "what it was trained on"]
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { readSafetensorsIfThere, writeSafetensors } from "@ensam/core/files";
import { findModel, trainedMaxVoxels } from "@ensam/core/inference";
import { overflowOf } from "./weights/overflow.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string", short: "o" }, note: { type: "string" } },
});
const [from] = positionals;
if (from === undefined || values.out === undefined) {
  process.stderr.write("weightsExport: expected RUN|FILE -o FILE\n");
  process.exitCode = 2;
} else {
  await exportWeights(from, values.out, values.note);
}

async function exportWeights(source: string, out: string, note: string | undefined): Promise<void> {
  const stored = findModel(source, readSafetensorsIfThere);
  const tooLarge = overflowOf(stored.values);
  if (tooLarge !== undefined) throw new Error(`${stored.path}: ${tooLarge}`);
  const maxVoxels = trainedMaxVoxels(stored.metadata);
  const { step } = JSON.parse(stored.metadata.progress ?? "{}") as { step?: number };
  await writeSafetensors(
    out,
    stored.values,
    {
      format: "ensam-weights-1",
      config: JSON.stringify(stored.config),
      settings: JSON.stringify({ maxVoxels }),
      ...(step !== undefined && { step: String(step) }),
      ...(note !== undefined && { note }),
    },
    { half: true },
  );
  const bytes = readFileSync(out);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const about = {
    file: basename(out),
    sha256,
    bytes: bytes.length,
    ...(step !== undefined && { step }),
    ...(note && { note }),
  };
  writeFileSync(join(dirname(out), "weights.json"), `${JSON.stringify(about, undefined, 2)}\n`);
  process.stdout.write(`${out}: ${bytes.length} bytes, sha256 ${sha256}\n`);
}
