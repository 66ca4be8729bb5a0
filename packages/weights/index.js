import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The weights in this package: the path of a half-float safetensors file, and the SHA-256 it was scored with. */
export function builtinWeights() {
  const { file, sha256 } = JSON.parse(readFileSync(new URL("weights.json", import.meta.url), "utf8"));
  return { path: fileURLToPath(new URL(file, import.meta.url)), sha256 };
}
