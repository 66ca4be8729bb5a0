#!/usr/bin/env node
/**
 * Sends a million made rows through what has to see all of them: the coreset's choice, a shard, the score summaries and
 * the report's tables. Peak memory and processor time of each command; a table on stderr, NDJSON on stdout. Exit code 1
 * above 400 MiB.
 *
 *   node scripts/dist/benchMillion.js [--rows N]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { madeCaseRows, madeScoreRows } from "./reproduction/madeRows.ts";

/** MiB that no command may take. */
const limit = 400;

const { values } = parseArgs({ options: { rows: { type: "string", default: "1000000" } } });
const rows = Number(values.rows);
const folder = mkdtempSync(join(tmpdir(), "ensam-million-"));
const pathOf = (name: string) => join(folder, name);
const commands = new URL("../../node_modules/.bin/", import.meta.url);

/** Loaded before the command: says at its end what it took. */
const witness = `data:text/javascript,${encodeURIComponent(
  'import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(process.env.WITNESS,JSON.stringify(process.resourceUsage())))',
)}`;

async function write(name: string, lines: Iterable<string>): Promise<void> {
  const stream = createWriteStream(pathOf(name));
  for (const line of lines) if (!stream.write(`${line}\n`)) await once(stream, "drain");
  stream.end();
  await once(stream, "finish");
}

async function run(stage: string, command: string, argv: readonly string[], output: string): Promise<void> {
  const begun = performance.now();
  const child = spawn(fileURLToPath(new URL(command, commands)), argv, {
    cwd: folder,
    stdio: ["ignore", openSync(pathOf(output), "w"), "inherit"],
    env: { ...process.env, NODE_OPTIONS: `--import=${witness}`, WITNESS: pathOf("witness.json"), ENSAM_QUIET: "1" },
  });
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${command} ${argv.join(" ")}: expected exit code 0, got ${code}`);
  const used = JSON.parse(readFileSync(pathOf("witness.json"), "utf8")) as NodeJS.ResourceUsage;
  const row = {
    type: "million",
    stage,
    rows,
    peakMiB: Math.round(used.maxRSS / 1024),
    cpuSeconds: Math.round((used.userCPUTime + used.systemCPUTime) / 1e5) / 10,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    bytesOut: statSync(pathOf(output)).size,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  const words = [`${row.peakMiB} MiB`, `${row.cpuSeconds} s of processor`, `${row.seconds} s`];
  process.stderr.write(`  ${stage.padEnd(44)}${words.join("   ")}\n`);
  if (row.peakMiB > limit) process.exitCode = 1;
}

try {
  process.stderr.write(`${rows.toLocaleString("en")} made rows; no command may take more than ${limit} MiB\n`);
  await write("cases.ndjson", madeCaseRows(rows));
  await run("coreset of a tenth", "ensam-coreset", ["cases.ndjson", "--budget", "10%"], "coreset.ndjson");
  rmSync(pathOf("cases.ndjson"));
  await write("scores.ndjson", madeScoreRows(rows));
  await run("shard 3/8 of the scores", "ensam-eval", ["scores.ndjson", "--shard", "3/8"], "shard.ndjson");
  const files = ["--report", "report.html", "--markdown", "tables.md"];
  await run("summaries, report and tables", "ensam-eval", ["scores.ndjson", ...files], "out.ndjson");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
