import { type Context, defineCommand, exitCodes } from "@ensam/core/command";
import type { DeviceRow, DoctorRow, VerdictRow } from "./doctorRows.ts";
import { type DoctorOptions, deviceNames, doctorOptions } from "./options.ts";
import { systemFacts } from "./systemFacts.ts";
import { linesOf, shortLinesOf } from "./textReport.ts";

export const main = defineCommand<DoctorOptions>({
  name: "ensam-doctor",
  summary: "says what this machine can compute with, tests it, and tells what is missing",
  description: [
    "Versions, memory and disk come first, then every device: whether it opens and why not, whether its operators and their gradients agree with the reference on the processor, and how fast it convolves. A device takes one line; --verbose has every operator, whole reasons and advice, and is meant to be pasted into an issue.",
    "Exit code 0: at least one device passes all its tests; 4: none does.",
    'With --json, rows of type "doctor": one about the system, one about each device, one with the verdict.',
  ],
  examples: [
    { command: "ensam-doctor", doc: "everything, a line for a device" },
    { command: "ensam-doctor --verbose", doc: "the same with each operator, reasons and advice" },
    { command: "ensam-doctor --device webgpu", doc: "only the GPU" },
    { command: "ensam-doctor --json | jq 'select(.about == \"device\") | .convolution'", doc: "rows, for programs" },
  ],
  options: doctorOptions,
  run,
});

async function run(context: Context<DoctorOptions>): Promise<number> {
  const { options, streams, rows } = context;
  const write = (row: DoctorRow) =>
    rows.writeText(
      options.json
        ? `${JSON.stringify(row)}\n`
        : (options.verbose ? linesOf : shortLinesOf)(row)
            .map((line) => `${line}\n`)
            .join(""),
    );
  const system = await systemFacts(streams.cwd, streams.env);
  await write(system);
  // The engine takes time to load: what the machine is stands there before.
  const { checkDevice } = await import("./checkDevice.ts");
  const found: DeviceRow[] = [];
  for (const name of options.device === undefined ? deviceNames : [options.device]) {
    context.note(`testing ${name}`);
    const row = await checkDevice(name, system);
    found.push(row);
    await write(row);
  }
  const verdict = verdictOn(found);
  await write(verdict);
  if (!(options.json || options.verbose) && verdict.usable.length < found.length) {
    context.note("--verbose says why, and what to do about it");
  }
  return verdict.passed ? exitCodes.done : exitCodes.device;
}

/** Sums up: a machine is fine if it has one device that passes. */
export function verdictOn(found: readonly DeviceRow[]): VerdictRow {
  const names = (wanted: (row: DeviceRow) => boolean) => found.filter(wanted).map(({ device }) => device);
  const usable = names(({ selfTest }) => selfTest?.passed === true);
  return {
    type: "doctor",
    about: "verdict",
    passed: usable.length > 0,
    usable,
    failed: names(({ available, selfTest }) => available && selfTest?.passed !== true),
    unavailable: names(({ available }) => !available),
  };
}
