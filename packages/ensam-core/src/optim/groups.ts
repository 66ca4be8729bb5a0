/**
 * Which parameters AdamW updates; Muon updates the others.
 * - `paper`: vectors only (ENSAM §2.4.1)
 * - `hidden`: vectors, embeddings, positions, the first layer and the head, as Muon's authors advise
 * - `adamw`: all, for comparison
 */
export type Grouping = "paper" | "hidden" | "adamw";

/** Prefixes of the tensors that are no hidden layer's matrix. */
const notHidden = ["position.", "prompt_encoder.", "encoder.stem.", "decoder.head."];

/** Whether AdamW, not Muon, updates the parameter of this name and shape. */
export function usesAdamw(name: string, shape: readonly number[], grouping: Grouping): boolean {
  if (grouping === "adamw" || shape.length < 2) return true;
  return grouping === "hidden" && notHidden.some((prefix) => name.startsWith(prefix));
}
