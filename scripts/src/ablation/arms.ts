/** A way to train or to ask, and in what it differs from the base. */
export interface Arm {
  readonly name: string;
  readonly words: string;
}

/** The base: LieRE, Muon, normalized attention, prompts that attend, positions in voxels, four levels. */
export const arms: readonly Arm[] = [
  { name: "base", words: "LieRE, Muon, normalized attention, prompts attend" },
  { name: "absolute-adamw", words: "absolute positions, AdamW" },
  { name: "liere-adamw", words: "LieRE, AdamW" },
  { name: "standard", words: "standard attention" },
  { name: "rope", words: "RoPE with learned frequencies" },
  { name: "dense", words: "prompts as dense maps" },
  { name: "both", words: "prompts attend and are dense maps" },
  { name: "mm", words: "positions in mm" },
  { name: "levels5", words: "one level deeper" },
  { name: "exclusive", words: "the base's checkpoints, objects exclude each other" },
  { name: "muon-rate4", words: "Muon, rate 0.004" },
  { name: "adamw-rate05", words: "LieRE, AdamW, rate 0.0005" },
];

/** The arms of the paper's figure 4, from the worst to the best as it has them. */
export const figureArms = ["absolute-adamw", "liere-adamw", "base"] as const;

/** Which test cases a question is about. */
export type CaseChoice = "all" | "anisotropic" | "several objects";

/** One question: is the first arm better than the second? They differ in one thing. */
export interface Question {
  readonly words: string;
  readonly first: string;
  readonly second: string;
  readonly cases: CaseChoice;
}

export const questions: readonly Question[] = [
  { words: "LieRE for absolute, with AdamW", first: "liere-adamw", second: "absolute-adamw", cases: "all" },
  { words: "Muon for AdamW", first: "base", second: "liere-adamw", cases: "all" },
  { words: "standard for normalized attention", first: "standard", second: "base", cases: "all" },
  { words: "RoPE for LieRE", first: "rope", second: "base", cases: "all" },
  { words: "dense maps for attention", first: "dense", second: "base", cases: "all" },
  { words: "dense maps beside attention", first: "both", second: "base", cases: "all" },
  { words: "mm for voxels", first: "mm", second: "base", cases: "anisotropic" },
  { words: "objects that exclude each other", first: "exclusive", second: "base", cases: "several objects" },
  { words: "one level deeper", first: "levels5", second: "base", cases: "all" },
  { words: "Muon: rate 0.004 for 0.002", first: "muon-rate4", second: "base", cases: "all" },
  { words: "AdamW: rate 0.0005 for 0.002", first: "adamw-rate05", second: "liere-adamw", cases: "all" },
];
