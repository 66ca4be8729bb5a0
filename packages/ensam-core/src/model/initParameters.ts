import type { ModelConfig } from "./config.ts";
import { type Initial, type ParameterRow, parameterTable, sizeOf } from "./parameterTable.ts";

/** Where initial values come from; a `RandomStream` of the voxels room is one. */
export interface RandomSource {
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Mean 0, deviation 1. */
  normal(): number;
}

/** Fresh values of every tensor by name, drawn in the order of the parameter table. */
export function initParameters(config: ModelConfig, random: RandomSource): Record<string, Float32Array> {
  return Object.fromEntries(parameterTable(config).map((row) => [row.name, initialValues(row, random)]));
}

function initialValues(row: ParameterRow, random: RandomSource): Float32Array {
  const values = Float64Array.from({ length: sizeOf(row.shape) }, () => draw(row.initial, random));
  if (row.unitAxis !== undefined) {
    const [rows, columns] = row.shape as [number, number];
    if (row.unitAxis === 1) for (let i = 0; i < rows; i++) normalize(values, i * columns, 1, columns);
    else for (let j = 0; j < columns; j++) normalize(values, j, columns, rows);
  }
  return Float32Array.from(values);
}

function draw(initial: Initial, random: RandomSource): number {
  switch (initial.kind) {
    case "constant":
      return initial.value;
    case "uniform":
      return random.uniform(initial.low, initial.high);
    case "normal":
      return random.normal() * initial.deviation;
  }
}

function normalize(values: Float64Array, start: number, step: number, count: number): void {
  let squares = 0;
  for (let i = 0; i < count; i++) squares += values[start + i * step]! ** 2;
  const length = Math.sqrt(squares);
  for (let i = 0; i < count; i++) values[start + i * step]! /= length;
}
