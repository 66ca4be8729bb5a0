import { finite, isRecord, type LogRow, scores, text } from "@ensam/core/runs";
import { printable } from "./panels/cells.ts";
import { durationWords, grouped, shortNumber } from "./panels/numbers.ts";
import { runFacts } from "./state/runFacts.ts";

/** Training time between two lines about steps. */
const everySeconds = 10;

/**
 * Returns what turns the rows of a run into lines for a log: everything that happens now and then, and a step every ten
 * seconds of training. The same rows give the same lines.
 */
export function plainLines(name: string | undefined): (rows: readonly LogRow[], restarted: boolean) => string[] {
  const prefix = name === undefined ? "" : `${printable(name)}: `;
  let facts: ReturnType<typeof runFacts> | undefined;
  let since = Infinity; // So that the first step is told.
  const lineOf = (row: LogRow): string | undefined => {
    if (row.type === "run") {
      [facts, since] = [runFacts(row), Infinity];
      return runLine(row, facts);
    }
    if (row.type === "step") {
      since += finite(row.seconds) ?? 0;
      if (since < everySeconds) return undefined;
      since = 0;
      return stepLine(row, facts);
    }
    if (row.type === "validation") return validationLine(row);
    if (row.type === "checkpoint") return `checkpoint ${text(row.kind) ?? ""} at step ${row.step}: ${text(row.path)}`;
    if (row.type === "failure") return `failed: ${text(row.case)} (${text(row.stage)}): ${text(row.error)}`;
    if (row.type === "skip") return `left out step ${row.step} (${row.inARow} in a row): ${text(row.reason)}`;
    if (row.type === "end") return endLine(row);
    return undefined;
  };
  return (rows, restarted) => {
    const lines = restarted ? ["the log was written anew"] : [];
    for (const row of rows) {
      const line = lineOf(row);
      if (line !== undefined) lines.push(line);
    }
    return lines.map((line) => prefix + printable(line));
  };
}

function runLine(row: LogRow, { preset, parameters, device, totalSteps, epochs }: ReturnType<typeof runFacts>): string {
  const parts = [
    row.resumed === true ? `goes on after step ${row.step}` : "begins",
    preset,
    parameters === undefined ? undefined : `${grouped(parameters)} parameters`,
    device,
    totalSteps === undefined ? undefined : `${grouped(totalSteps)} steps`,
    epochs === undefined ? undefined : `${epochs} epochs`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function stepLine(row: LogRow, facts: ReturnType<typeof runFacts> | undefined): string {
  const parts: [string, number | undefined][] = [
    ["loss", finite(row.loss)],
    ["DSC", scores(row.dsc).at(-1)],
    ["learning rate", finite(row.learningRate)],
    ["samples/s", finite(row.samplesPerSecond)],
  ];
  const words = parts.flatMap(([label, value]) => (value === undefined ? [] : [`${label} ${shortNumber(value)}`]));
  const of = facts?.totalSteps === undefined ? "" : `/${facts.totalSteps}`;
  const epoch = finite(row.epoch);
  return [`step ${row.step}${of}`, ...(epoch === undefined ? [] : [`epoch ${epoch.toFixed(2)}`]), ...words].join("  ");
}

function validationLine(row: LogRow): string {
  const dsc = (value: unknown) =>
    scores(value)
      .map((score) => score?.toFixed(3) ?? "-")
      .join(" ");
  const modalities = isRecord(row.modalities) ? Object.entries(row.modalities) : [];
  const byModality = modalities.map(([name, scored]) => `; ${name} ${dsc(isRecord(scored) ? scored.dsc : [])}`);
  return `validation at step ${row.step}: DSC ${dsc(row.dsc)}${byModality.join("")}`;
}

function endLine(row: LogRow): string {
  const seconds = finite(row.seconds);
  return `ended at step ${row.step}: ${text(row.reason)}${seconds === undefined ? "" : `, ${durationWords(seconds)}`}`;
}
