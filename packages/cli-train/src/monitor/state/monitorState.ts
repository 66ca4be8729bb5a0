import type { ValidationSlice } from "@ensam/core/runs";
import type { RunFacts } from "./runFacts.ts";
import { emptySeries, type Series } from "./series.ts";

/** Everything the views show of a run. Its size does not grow with the log. */
export interface MonitorState {
  readonly run?: RunFacts;
  readonly step: number;
  /** Epochs done, with the part of the one under way. */
  readonly epoch: number;
  readonly last?: LastStep;
  readonly smoothedLoss?: number;
  readonly smoothedDsc: readonly (number | undefined)[];
  readonly curves: Curves;
  /** The last steps, for rates. */
  readonly recent: readonly RecentStep[];
  /** Sum over the steps and validations of the log. */
  readonly seconds: number;
  readonly validations: { readonly count: number; readonly seconds: number };
  readonly validation?: Validation;
  readonly validationBefore?: Validation;
  readonly best?: { readonly step: number; readonly dscFinal: number };
  readonly checkpoints: readonly Checkpoint[];
  readonly notes: readonly Note[];
  readonly failures: number;
  readonly slice?: ValidationSlice;
  readonly end?: { readonly reason: string; readonly step: number };
  /** Lines that were not rows. */
  readonly malformed: number;
}

export interface Curves {
  readonly loss: Series;
  readonly smoothedLoss: Series;
  readonly learningRate: Series;
  /** DSC on training samples, smoothed: box, click 1, ... */
  readonly trainingDsc: readonly Series[];
  readonly validationDsc: readonly Series[];
}

export interface LastStep {
  readonly loss?: number;
  readonly dice?: number;
  readonly crossEntropy?: number;
  readonly gradientNorm?: number;
  readonly learningRate?: number;
  readonly memoryBytes?: number;
  readonly heapBytes?: number;
  readonly peakDeviceBytes?: number;
  readonly cases: readonly string[];
}

export interface RecentStep {
  readonly seconds: number;
  readonly waitingSeconds: number;
  readonly samples: number;
  readonly voxels: number;
}

export interface Validation {
  readonly step: number;
  readonly cases?: number;
  readonly dsc: readonly (number | undefined)[];
  readonly dscFinal?: number;
  readonly modalities: Readonly<Record<string, { cases?: number; dsc: (number | undefined)[] }>>;
}

export interface Checkpoint {
  readonly step: number;
  readonly kind: string;
  readonly path: string;
}

export interface Note {
  readonly step: number;
  readonly kind: "info" | "warning";
  readonly text: string;
}

const keptNotes = 50;

export const emptyState: MonitorState = {
  step: 0,
  epoch: 0,
  smoothedDsc: [],
  curves: {
    loss: emptySeries,
    smoothedLoss: emptySeries,
    learningRate: emptySeries,
    trainingDsc: [],
    validationDsc: [],
  },
  recent: [],
  seconds: 0,
  validations: { count: 0, seconds: 0 },
  checkpoints: [],
  notes: [],
  failures: 0,
  malformed: 0,
};

export function withNote(state: MonitorState, kind: Note["kind"], words: string): MonitorState {
  return { ...state, notes: moreNotes(state.notes, { step: state.step, kind, text: words }) };
}

/** The notes with one more, without the oldest when there are many. */
export function moreNotes(notes: readonly Note[], note: Note): readonly Note[] {
  return [...notes, note].slice(-keptNotes);
}
