import { createReadStream } from "node:fs";
import { InputError } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import { finite, parseRow } from "@ensam/core/runs";
import { curvesSpec, renderSvg, type StepPoint, type ValidationPoint } from "../../curves.ts";
import { lineSplitter } from "../lineSplitter.ts";

/** Draws the curves of a log as an SVG file. */
export async function exportCurves(log: string, run: string, output: string): Promise<void> {
  const { steps, validations } = await pointsOf(log);
  if (steps.length === 0) throw new InputError(`${log}: expected at least one step row, got none`);
  await writeFileAtomically(output, Buffer.from(await renderSvg(curvesSpec(run, steps, validations))));
}

async function pointsOf(log: string) {
  let [steps, validations]: [StepPoint[], ValidationPoint[]] = [[], []];
  const take = (line: string) => {
    const row = parseRow(line);
    if (row?.type === "run" && row.resumed !== true) [steps, validations] = [[], []];
    const [loss, learningRate] = [finite(row?.loss), finite(row?.learningRate)];
    if (row?.type === "step" && loss !== undefined && learningRate !== undefined) {
      const dsc = Array.isArray(row.dsc) ? row.dsc.map((value) => finite(value) ?? null) : undefined;
      steps.push({ step: finite(row.step) ?? steps.length + 1, loss, learningRate, dsc });
    }
    if (row?.type === "validation" && Array.isArray(row.dsc)) validations.push(row as unknown as ValidationPoint);
  };
  const lines = lineSplitter();
  try {
    for await (const chunk of createReadStream(log)) lines.take(chunk as Buffer).forEach(take);
  } catch {
    throw new InputError(`${log}: expected a log that can be read, got none`);
  }
  lines.rest().forEach(take);
  return { steps, validations };
}
