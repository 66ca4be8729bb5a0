import type { Zyx } from "@ensam/core/voxels";
import type { BenchRow, StepRow } from "./benchRows.ts";

/** A row as a line of the table for people; shares below 2 % are left out. */
export function line(row: BenchRow): string | undefined {
  switch (row.type) {
    case "device":
      return deviceWords(row);
    case "operator":
      return columns([
        shapeWords(row.grid),
        row.variant,
        row.operator,
        row.pass,
        milliseconds(row.seconds),
        row.gflops === undefined ? `${rate(row.gigabytesPerSecond!)} GB/s` : flopWords(row.gflops),
      ]);
    case "step":
      return columns([
        shapeWords(row.shape),
        row.variant,
        `${row.preset} ${row.part}`,
        `${secondWords(row.seconds)} s`,
        `${secondWords(row.fastest)} to ${secondWords(row.slowest)} s`,
        together([flopWords(row.gflops), memoryWords(row.peakHeapBytes), sampleWords(row)]),
      ]);
    case "share":
      if (row.share < 0.02) return undefined;
      return columns([
        "",
        "",
        `  ${row.kernel}`,
        `${(row.share * 100).toFixed(1)} %`,
        milliseconds(row.seconds),
        `${row.calls} calls`,
      ]);
    case "protocol":
      return (
        `${row.of}: ${row.epochs} epochs × ${grouped(row.samples)} samples: ${row.hours.toPrecision(3)} h, if every sample has ` +
        `${grouped(row.voxels)} voxels (preset ${row.preset}; samples are steps, however many are accumulated for an update)`
      );
    case "torch":
      return `PyTorch ${row.version} on ${row.device}`;
    case "torch step":
    case "torch operator":
      return columns([
        shapeWords(row.shape),
        "PyTorch",
        row.what,
        `${secondWords(row.seconds)} s`,
        ratioWords(row.ratios),
        together([
          row.gflops === undefined ? "" : flopWords(row.gflops),
          memoryWords(row.peakBytes ?? 0),
          `${row.mode}, ${row.layout}`,
        ]),
      ]);
    case "beside":
      return columns([
        shapeWords(row.shape),
        row.variant,
        `${row.preset} ${row.part} of ${row.of}`,
        `${secondWords(row.seconds)} s`,
        row.ratio === undefined ? "" : `${row.ratio.toFixed(2)} times ours`,
        together([
          memoryWords(row.peakHeapBytes),
          row.memoryRatio === undefined ? "" : `ours takes ${row.memoryRatio.toFixed(2)} of its memory`,
        ]),
      ]);
    case "omitted":
      return `without ${row.what}: ${row.reason}`;
  }
}

/** 64³, or 128×128×256. */
export function shapeWords(shape: Zyx): string {
  return shape.every((n) => n === shape[0]) ? `${shape[0]}³` : shape.join("×");
}

/** 4,194,304 */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function deviceWords({ description, variant, processor, gpu }: BenchRow & { type: "device" }): string {
  const lines = [`${description}; ${variant}${processor === undefined ? "" : `; ${processor}`}`];
  if (gpu === undefined) return lines.join("\n");
  const limits = Object.entries(gpu.limits).map(([name, value]) => `${name} ${value}`);
  lines.push(`  adapter: ${[gpu.vendor, gpu.architecture, gpu.name, gpu.description].filter(Boolean).join(", ")}`);
  lines.push(`  limits: ${limits.join(", ")}`);
  lines.push(`  features: ${gpu.features.join(", ")}; tiles ${gpu.tiles.join(" ")}`);
  if (gpu.isSoftware) lines.push("  software adapter: times mean nothing about a GPU");
  return lines.join("\n");
}

function together(words: readonly string[]): string {
  return words.filter((word) => word !== "").join("  ");
}

function flopWords(gflops: number): string {
  return gflops >= 1000 ? `${(gflops / 1000).toFixed(2)} TFLOP/s` : `${rate(gflops)} GFLOP/s`;
}

function memoryWords(bytes: number): string {
  return bytes > 0 ? `${(bytes / 1048576).toFixed(0)} MiB` : "";
}

function sampleWords({ part, seconds }: StepRow): string {
  return part === "training step" ? `${(1 / seconds).toPrecision(3)} samples/s` : "";
}

function ratioWords(ratios: Readonly<Record<string, number>>): string {
  const entries = Object.entries(ratios);
  const isOne = entries.length === 1;
  const words = entries.map(([variant, ratio]) => `${ratio.toFixed(2)}${isOne ? "" : ` (${variant})`}`);
  return words.length === 0 ? "" : `${words.join(", ")} times ours`;
}

function rate(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

const widths = [11, 9, 38, 15, 18, 0];

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i < 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
    .join("  ")
    .trimEnd();
}

function secondWords(seconds: number): string {
  return seconds.toFixed(seconds < 0.1 ? 5 : 3);
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(seconds < 0.001 ? 4 : 2)} ms`;
}
