import type { OperatorCheck } from "@ensam/core/tensors";
import type { DeviceRow, DoctorRow, GraphicsFacts, SystemRow, VerdictRow } from "./doctorRows.ts";

/** The lines of a row, to be read by people: one for a device. */
export function shortLinesOf(row: DoctorRow): string[] {
  return row.about === "device"
    ? [shortDeviceLine(row)]
    : row.about === "verdict"
      ? ["", ...verdictLines(row)]
      : systemLines(row);
}

function shortDeviceLine(row: DeviceRow): string {
  const { device, available, selfTest, convolution } = row;
  const start = (outcome: string) => `${device.padEnd(12)}${outcome.padEnd(15)}`;
  if (!available) return start("not available") + shortReason(row.reason ?? "");
  const failed = selfTest?.operators.filter(({ passed }) => !passed).map(({ operator }) => operator) ?? [];
  if (selfTest?.passed !== true) {
    const which =
      failed.length > 0 ? `${failed.length} of ${selfTest!.operators.length} operators: ${failed.join(", ")}` : "";
    return start("FAILED") + (which || shortReason(row.reason ?? ""));
  }
  const speed = convolution === null ? "no speed measured" : `${convolution.gflops.toPrecision(3)} GFLOP/s`;
  return `${start("passed")}${selfTest.operators.length} operators, ${speed}; ${(row.description ?? "").replace(`${device}: `, "")}`;
}

/** The first clause of a reason, without what other programs append to theirs; --verbose has the whole. */
function shortReason(reason: string): string {
  const clause = reason.replace(/^device: /, "").split(/(?:;|\.)\s|\s+at \S+ \(|\s*Require stack/, 1)[0]!;
  return clause.length > 140 ? `${clause.slice(0, 137)}...` : clause;
}

/** The lines of a row with every operator, reason and advice, to be pasted into an issue. */
export function linesOf(row: DoctorRow): string[] {
  switch (row.about) {
    case "system":
      return systemLines(row);
    case "device":
      return ["", ...deviceLines(row)];
    case "verdict":
      return ["", ...verdictLines(row)];
  }
}

function systemLines(row: SystemRow): string[] {
  const { memoryLimitBytes: limit } = row;
  const limitWords = limit === null ? "" : `; limited to ${gibibytes(limit)} here`;
  return [
    `ENSAM ${row.ensam}, Node ${row.node}, ${row.platform}${row.glibc === null ? "" : `, glibc ${row.glibc}`}`,
    `processor: ${row.processor}, ${row.cores} ${row.cores === 1 ? "core" : "cores"}`,
    `memory: ${gibibytes(row.memoryBytes)}, ${gibibytes(row.freeMemoryBytes)} free${limitWords}`,
    `disk: ${row.disks.map(({ folder, freeBytes }) => `${gibibytes(freeBytes)} free in ${folder}`).join(", ") || "unknown"}`,
    ...(row.graphics === null ? [] : graphicsLines(row.graphics)),
  ];
}

function graphicsLines({ gpus, vulkanLoader, vulkanDrivers, driverCapabilities }: GraphicsFacts): string[] {
  const found = gpus.map(
    ({ name, driver, computeCapability, memory }) =>
      `${name} (driver ${driver}, compute capability ${computeCapability}, ${memory})`,
  );
  const asked = driverCapabilities === null ? "" : `; NVIDIA_DRIVER_CAPABILITIES=${driverCapabilities}`;
  return [
    `NVIDIA GPUs: ${found.join(", ") || "none found by nvidia-smi"}${asked}`,
    `Vulkan: ${vulkanLoader ? "loader found" : "no loader"}, drivers ${vulkanDrivers.join(", ") || "none"}`,
  ];
}

function deviceLines(row: DeviceRow): string[] {
  const reason = row.reason === null ? [] : [`  ${row.reason}`];
  const advice = row.advice.map((line) => `  - ${line}`);
  if (!row.available) return [`${row.device}: not available`, ...reason, ...advice];
  return [
    `${row.device}: ${row.selfTest?.passed ? "passed" : "FAILED"}`,
    `  ${row.description}`,
    ...speedLines(row),
    ...(row.selfTest === null ? [] : operatorLines(row.selfTest)),
    ...reason,
    ...advice,
  ];
}

function speedLines({ convolution }: DeviceRow): string[] {
  if (convolution === null) return [];
  const { channels, side, gflops, seconds } = convolution;
  const speed = `${gflops.toPrecision(3)} GFLOP/s (${(seconds * 1000).toPrecision(3)} ms)`;
  return [`  convolution of 3, ${channels} to ${channels} channels at ${side}³: ${speed}`];
}

function operatorLines({ operators, tolerance }: NonNullable<DeviceRow["selfTest"]>): string[] {
  const width = Math.max(...operators.map(({ operator }) => operator.length)) + 2;
  const failed = operators.filter(({ passed }) => !passed).length;
  const outcome = failed === 0 ? "all pass" : `${failed} FAIL`;
  return [
    `  self-test: ${operators.length} operators against the reference, ${outcome} (largest relative error, allowed ${tolerance})`,
    `    ${"operator".padEnd(width)}${"value".padEnd(10)}gradient`,
    ...operators.map((check) => `    ${check.operator.padEnd(width)}${checkWords(check)}`),
  ];
}

function checkWords({ valueError, gradientError, passed, failure }: OperatorCheck): string {
  const numbers = `${errorWords(valueError).padEnd(10)}${errorWords(gradientError).padEnd(10)}`;
  if (passed) return numbers.trimEnd();
  return `${numbers}FAILED${failure === undefined ? "" : `: ${failure.replaceAll(/\s*\n\s*/g, " ")}`}`;
}

function errorWords(error: number | null): string {
  if (error === null) return "-";
  return error === 0 ? "0" : error.toExponential(1);
}

function verdictLines({ usable, failed, unavailable }: VerdictRow): string[] {
  const parts = [
    usable.length === 0 ? "no device can be used" : `can be used: ${usable.join(", ")}`,
    ...(failed.length === 0 ? [] : [`FAILED: ${failed.join(", ")}`]),
    ...(unavailable.length === 0 ? [] : [`not available: ${unavailable.join(", ")}`]),
  ];
  return [parts.join("; ")];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
