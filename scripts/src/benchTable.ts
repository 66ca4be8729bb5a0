import type { OperatorRow } from "./benchOperators.ts";
import type { ShareRow, StepRow } from "./benchSteps.ts";

export interface TorchRow {
  type: "torch";
  threads: number;
  preset: string;
  size: number;
  part: string;
  seconds: number;
  /** Seconds in PyTorch over seconds here. */
  ratio: number;
  peakRssBytes: number;
}

export type BenchRow = OperatorRow | StepRow | ShareRow | TorchRow;

/** A row as a line of the table for people; shares below 2 % are left out. */
export function line(row: BenchRow): string | undefined {
  const threads = String(row.threads);
  switch (row.type) {
    case "operator": {
      const rate =
        row.gflops === undefined ? `${fixed(row.gigabytesPerSecond!, 1)} GB/s` : `${fixed(row.gflops, 1)} GFLOP/s`;
      return columns([row.preset, `${row.grid}³`, threads, row.operator, row.pass, milliseconds(row.seconds), rate]);
    }
    case "step": {
      const range = `${fixed(row.fastest, 3)} to ${fixed(row.slowest, 3)} s`;
      const memory = row.peakHeapBytes > 0 ? `${fixed(row.peakHeapBytes / 1048576, 0)} MiB` : "";
      return columns([
        row.preset,
        `${row.shape[0]}³`,
        threads,
        row.part,
        `${fixed(row.seconds, 3)} s`,
        range,
        `${fixed(row.gflops, 1)} GFLOP/s  ${memory}`,
      ]);
    }
    case "torch": {
      const memory = `${fixed(row.peakRssBytes / 1048576, 0)} MiB in all`;
      return columns([
        row.preset,
        `${row.size}³`,
        threads,
        `  PyTorch ${row.part}`,
        `${fixed(row.seconds, 3)} s`,
        `${fixed(row.ratio, 2)} times ours`,
        memory,
      ]);
    }
    case "share":
      if (row.share < 0.02) return undefined;
      return columns([
        "",
        "",
        "",
        `  ${row.kernel}`,
        `${fixed(row.share * 100, 1)} %`,
        milliseconds(row.seconds),
        `${row.calls} calls`,
      ]);
  }
}

const widths = [6, 5, 2, 34, 15, 18, 0];

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i < 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
    .join("  ")
    .trimEnd();
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}

function milliseconds(seconds: number): string {
  return `${fixed(seconds * 1000, 2)} ms`;
}
