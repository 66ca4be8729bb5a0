import type { Modality } from "@ensam/core/command";

/** A row of the paper's tables of results (arXiv 2509.15874). */
export interface PublishedResult {
  /**
   * 3: the challenge's validation set, by modality; 4: its hidden test set, published models; 5: the same, teams of the
   * coreset track.
   */
  readonly table: 3 | 4 | 5;
  readonly modality: Modality | "all";
  /** Model, or team with what it started from. */
  readonly method: string;
  readonly dscAuc: number;
  readonly nsdAuc: number;
  readonly dscFinal: number;
  readonly nsdFinal: number;
}

export const publishedResults: readonly PublishedResult[] = [
  { table: 3, modality: "CT", method: "SegVol", dscAuc: 2.98, nsdAuc: 3.12, dscFinal: 0.75, nsdFinal: 0.78 },
  { table: 3, modality: "CT", method: "VISTA3D", dscAuc: 2.81, nsdAuc: 2.84, dscFinal: 0.72, nsdFinal: 0.73 },
  { table: 3, modality: "CT", method: "SAM-Med3D", dscAuc: 2.28, nsdAuc: 2.27, dscFinal: 0.57, nsdFinal: 0.57 },
  { table: 3, modality: "CT", method: "ENSAM", dscAuc: 2.03, nsdAuc: 1.9, dscFinal: 0.5, nsdFinal: 0.47 },
  { table: 3, modality: "MR", method: "SegVol", dscAuc: 2.67, nsdAuc: 3.15, dscFinal: 0.67, nsdFinal: 0.79 },
  { table: 3, modality: "MR", method: "VISTA3D", dscAuc: 2.53, nsdAuc: 2.82, dscFinal: 0.65, nsdFinal: 0.73 },
  { table: 3, modality: "MR", method: "ENSAM", dscAuc: 1.84, nsdAuc: 2.07, dscFinal: 0.45, nsdFinal: 0.51 },
  { table: 3, modality: "MR", method: "SAM-Med3D", dscAuc: 1.76, nsdAuc: 1.81, dscFinal: 0.45, nsdFinal: 0.46 },
  { table: 3, modality: "Microscopy", method: "SegVol", dscAuc: 2.04, nsdAuc: 3.47, dscFinal: 0.51, nsdFinal: 0.87 },
  { table: 3, modality: "Microscopy", method: "VISTA3D", dscAuc: 1.72, nsdAuc: 2.71, dscFinal: 0.45, nsdFinal: 0.69 },
  { table: 3, modality: "Microscopy", method: "ENSAM", dscAuc: 1.27, nsdAuc: 1.74, dscFinal: 0.34, nsdFinal: 0.45 },
  { table: 3, modality: "Microscopy", method: "SAM-Med3D", dscAuc: 0.3, nsdAuc: 0.02, dscFinal: 0.08, nsdFinal: 0 },
  { table: 3, modality: "PET", method: "SegVol", dscAuc: 2.97, nsdAuc: 2.86, dscFinal: 0.74, nsdFinal: 0.71 },
  { table: 3, modality: "PET", method: "VISTA3D", dscAuc: 2.39, nsdAuc: 2.1, dscFinal: 0.61, nsdFinal: 0.54 },
  { table: 3, modality: "PET", method: "ENSAM", dscAuc: 2.16, nsdAuc: 1.94, dscFinal: 0.51, nsdFinal: 0.45 },
  { table: 3, modality: "PET", method: "SAM-Med3D", dscAuc: 2.13, nsdAuc: 1.82, dscFinal: 0.53, nsdFinal: 0.46 },
  { table: 3, modality: "US", method: "VISTA3D", dscAuc: 2.6, nsdAuc: 2.61, dscFinal: 0.71, nsdFinal: 0.72 },
  { table: 3, modality: "US", method: "ENSAM", dscAuc: 2.1, nsdAuc: 2.41, dscFinal: 0.55, nsdFinal: 0.62 },
  { table: 3, modality: "US", method: "SAM-Med3D", dscAuc: 1.36, nsdAuc: 1.81, dscFinal: 0.39, nsdFinal: 0.51 },
  { table: 3, modality: "US", method: "SegVol", dscAuc: 1.24, nsdAuc: 1.8, dscFinal: 0.31, nsdFinal: 0.45 },
  { table: 4, modality: "all", method: "SegVol", dscAuc: 2.489, nsdAuc: 2.594, dscFinal: 0.622, nsdFinal: 0.649 },
  { table: 4, modality: "all", method: "ENSAM", dscAuc: 2.404, nsdAuc: 2.266, dscFinal: 0.627, nsdFinal: 0.597 },
  { table: 4, modality: "all", method: "VISTA3D", dscAuc: 2.229, nsdAuc: 2.148, dscFinal: 0.589, nsdFinal: 0.578 },
  { table: 4, modality: "all", method: "SAM-Med3D", dscAuc: 2.11, nsdAuc: 1.914, dscFinal: 0.536, nsdFinal: 0.487 },
  {
    table: 5,
    modality: "all",
    method: "aim (EfficientTAM)",
    dscAuc: 3.104,
    nsdAuc: 3.232,
    dscFinal: 0.801,
    nsdFinal: 0.838,
  },
  {
    table: 5,
    modality: "all",
    method: "norateam (nnInteractive)",
    dscAuc: 2.911,
    nsdAuc: 2.97,
    dscFinal: 0.754,
    nsdFinal: 0.775,
  },
  {
    table: 5,
    modality: "all",
    method: "yiooo (VISTA3D and SAM-Med3D)",
    dscAuc: 2.896,
    nsdAuc: 2.898,
    dscFinal: 0.745,
    nsdFinal: 0.749,
  },
  {
    table: 5,
    modality: "all",
    method: "lexor (SegVol)",
    dscAuc: 2.501,
    nsdAuc: 2.572,
    dscFinal: 0.625,
    nsdFinal: 0.643,
  },
  { table: 5, modality: "all", method: "ahus (ENSAM)", dscAuc: 2.404, nsdAuc: 2.266, dscFinal: 0.627, nsdFinal: 0.597 },
  {
    table: 5,
    modality: "all",
    method: "hanglok (VISTA3D)",
    dscAuc: 2.12,
    nsdAuc: 2.012,
    dscFinal: 0.553,
    nsdFinal: 0.533,
  },
  { table: 5, modality: "all", method: "cemrg", dscAuc: 1.885, nsdAuc: 1.624, dscFinal: 0.476, nsdFinal: 0.41 },
  {
    table: 5,
    modality: "all",
    method: "sail (SAM-Med2D)",
    dscAuc: 1.654,
    nsdAuc: 1.593,
    dscFinal: 0.413,
    nsdFinal: 0.398,
  },
  {
    table: 5,
    modality: "all",
    method: "dtftech (SegVol)",
    dscAuc: 1.591,
    nsdAuc: 1.079,
    dscFinal: 0.417,
    nsdFinal: 0.284,
  },
  {
    table: 5,
    modality: "all",
    method: "owwwen (SAM-Med3D)",
    dscAuc: 0.956,
    nsdAuc: 0.496,
    dscFinal: 0.239,
    nsdFinal: 0.124,
  },
];
