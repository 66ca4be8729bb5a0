/**
 * What `make reproduce` is going to cost, stage by stage, before anything is spent: a table on standard output.
 *
 *   node scripts/dist/plan.js --train DIR --validation DIR [--truth DIR] [--budget N] [--shards N]
 */
import { parseArgs } from "node:util";
import { planStages, planTable } from "./reproduction/plan.ts";
import { plannedCases } from "./reproduction/plannedCases.ts";

const { values } = parseArgs({
  options: {
    train: { type: "string" },
    validation: { type: "string" },
    truth: { type: "string" },
    budget: { type: "string", default: "4471" },
    shards: { type: "string", default: "1" },
  },
});
if (values.train === undefined || values.validation === undefined) {
  process.stderr.write("plan: expected --train DIR --validation DIR\n");
  process.exitCode = 2;
} else {
  const [training, validation] = [
    await plannedCases(values.train),
    await plannedCases(values.validation, values.truth),
  ];
  for (const note of [...training.notes, ...validation.notes]) process.stderr.write(`plan: ${note}\n`);
  process.stdout.write(planTable(planStages(training.cases, validation.cases, values.budget), Number(values.shards)));
}
