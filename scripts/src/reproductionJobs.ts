/**
 * The stages of the reproduction as job rows for ensam-submit: each job makes its targets of scripts/reproduction.mk.
 *
 *   node scripts/dist/reproductionJobs.js --folder FOLDER --shards N [--train SBATCH] [--simulate SBATCH] \
 *     -- VARIABLE=VALUE ...
 */
import { parseArgs } from "node:util";
import { reproductionJobs } from "./reproduction/jobs.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: "string" },
    shards: { type: "string", default: "1" },
    train: { type: "string", default: "" },
    simulate: { type: "string", default: "" },
  },
});
const shards = Number(values.shards);
if (values.folder === undefined || !Number.isSafeInteger(shards) || shards < 1) {
  process.stderr.write("reproductionJobs: expected --folder FOLDER --shards N (1 or more) -- VARIABLE=VALUE ...\n");
  process.exitCode = 2;
} else {
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");
  const sbatch = { train: words(values.train), simulate: words(values.simulate) };
  const jobs = reproductionJobs({ folder: values.folder, shards, sbatch, variables: positionals });
  process.stdout.write(jobs.map((job) => `${JSON.stringify(job)}\n`).join(""));
}
