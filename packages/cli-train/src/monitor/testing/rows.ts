import type { LogRow } from "@ensam/core/runs";

/** Rows with the fields that ensam-train writes. */
export function runRow(more: object = {}): LogRow {
  return {
    type: "run",
    options: { preset: "tiny", epochs: 10, accumulate: 4, validate: "validation.ndjson" },
    seed: 1,
    versions: {},
    device: "wasm, 2 threads",
    parameters: 166_541,
    cases: 40,
    step: 0,
    resumed: false,
    machine: { memoryBytes: 2 ** 34 },
    started: "2026-01-02T03:04:05.000Z",
    ...more,
  };
}

export function stepRow(step: number, more: object = {}): LogRow {
  return {
    type: "step",
    step,
    epoch: step / 10,
    loss: 1 + 1 / step,
    dice: 0.5,
    crossEntropy: 0.25,
    dsc: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    gradientNorm: 0.7,
    learningRate: 0.002,
    seconds: 2,
    waitingSeconds: 0.5,
    samples: 4,
    voxels: 1_000_000,
    samplesPerSecond: 2,
    memoryBytes: 2 ** 30,
    cases: ["CT_1"],
    ...more,
  };
}

export function validationRow(step: number, dsc: (number | null)[], more: object = {}): LogRow {
  return {
    type: "validation",
    step,
    epoch: step / 10,
    cases: 4,
    dsc,
    dscFinal: dsc.at(-1) ?? null,
    modalities: { CT: { cases: 3, dsc }, MR: { cases: 1, dsc: dsc.map((score) => score && score / 2) } },
    seconds: 30,
    ...more,
  };
}
