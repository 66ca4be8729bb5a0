import type { Simulation } from "@ensam/core/prompts";
import type { SimulateOptions } from "./options.ts";
import type { SimulatedCase } from "./simulatedCase.ts";

/** Something that can play the challenge's loop on a case: our own model, or another program. */
export interface Predictor {
  /** Name in rows and tables. */
  readonly name: string;
  /** Everything about it that changes its answers: outputs made with another value are made again. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** SHA-256 of the checkpoint, of a model of ours. */
  readonly sha256?: string;
  /** What it looks at, of a model of ours. */
  readonly crops?: SimulateOptions["crops"];
  /** Cases that it can work on at once. */
  readonly jobs: number;
  /** Files that it was made from. */
  readonly files: readonly string[];
  simulate(item: SimulatedCase): Promise<Simulation>;
  dispose(): void;
}

/** The name of a predictor that is given clicks alone says so: its scores then stand beside those with boxes. */
export function withPrompts(name: string, { boxes, exclusive }: Pick<SimulateOptions, "boxes" | "exclusive">): string {
  const words = [...(boxes === "none" ? ["clicks only"] : []), ...(exclusive ? ["exclusive"] : [])];
  return words.length === 0 ? name : `${name} (${words.join(", ")})`;
}
