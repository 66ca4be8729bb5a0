import type { OperatorCheck } from "@ensam/core/tensors";
import type { DeviceRow, DoctorRow, GraphicsFacts, SystemRow, VerdictRow } from "./doctorRows.ts";

/** The lines of a row, to be read by people and pasted into an issue. */
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
