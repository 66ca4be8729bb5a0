/**
 * What `make ablation` found, from the files of its runs, and what there is to do.
 *
 *   node scripts/dist/ablation.js report FOLDER [--page docs/ablation.md]
 *   ensam-train --plan ... | node scripts/dist/ablation.js plan FOLDER --steps N RUN ...
 */
import { mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { writeFileAtomically } from "@ensam/core/files";
import { fillPage } from "./ablation/fillPage.ts";
import { curvePoints, drawFigure, figureSpec } from "./ablation/figure.ts";
import { planText } from "./ablation/plan.ts";
import { readAblation } from "./ablation/readRuns.ts";
import { answerTable, armTable, doneWords } from "./ablation/tables.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { page: { type: "string" }, steps: { type: "string", default: "2000" } },
});
const [what, folder, ...runs] = positionals;
if ((what !== "report" && what !== "plan") || folder === undefined) {
  process.stderr.write("ablation: expected report FOLDER [--page FILE] or plan FOLDER --steps N RUN ...\n");
  process.exitCode = 2;
} else if (what === "plan") {
  const planned = JSON.parse(await text(process.stdin)) as { secondsPerSample: number };
  process.stdout.write(planText(folder, runs, Number(values.steps), planned.secondsPerSample));
} else {
  await report(folder, values.page);
}

async function report(from: string, page: string | undefined): Promise<void> {
  const ablation = readAblation(from);
  const parts = {
    runs: doneWords(ablation.runs),
    arms: armTable(ablation),
    answers: answerTable(ablation),
  };
  const points = curvePoints(ablation.runs);
  const seeds = new Set(ablation.runs.filter(({ isTrained }) => isTrained).map(({ seed }) => seed));
  const note = `mean over seeds ${[...seeds].sort().join(", ")} where trained; the band is their range`;
  const figure = points.length === 0 ? undefined : await drawFigure(figureSpec(points, note));
  const places = [join(from, "ablation.svg"), ...(page === undefined ? [] : [join(dirname(page), "ablation.svg")])];
  mkdirSync(from, { recursive: true });
  if (figure !== undefined) for (const place of places) await writeText(place, `${figure}\n`);
  await writeText(join(from, "ablation.md"), Object.values(parts).join("\n"));
  if (page !== undefined) {
    const shown = figure === undefined ? "No arm of the figure is trained yet.\n" : `![Curves](ablation.svg)\n`;
    await writeText(page, fillPage(readFileSync(page, "utf8"), { ...parts, figure: shown }));
  }
  const scored = ablation.runs.filter(({ isScored }) => isScored).length;
  process.stderr.write(`${basename(from)}: ${scored} runs scored, ${ablation.runs.length - scored} begun\n`);
}

function writeText(path: string, content: string): Promise<void> {
  return writeFileAtomically(path, new TextEncoder().encode(content));
}
