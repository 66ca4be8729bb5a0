import { stat } from "node:fs/promises";
import { resolve } from "node:path";

/**
 * Ends of the names of programs, settings and weights; other files that a command names may be its notes, which it
 * changes itself.
 */
const endings = /\.(sh|bash|py|m?js|ts|r|jl|pl|json|ya?ml|toml|safetensors|pth?|ckpt|onnx|npz)$/i;

/**
 * The programs, settings and weights that a predictor's command names, with size and time of change: a changed script
 * is another predictor. What a script itself loads, or an image of a container holds, is not seen. Names start from
 * `cwd`, which the command knows as $OLDPWD.
 */
export async function predictorFiles(
  command: string,
  cwd: string,
): Promise<readonly (readonly [string, number, number])[]> {
  const words = command.split(/[\s"'=;|&<>()]+/).map((word) => word.replace(/^\$\{?OLDPWD\}?/, cwd));
  const found = words.map(async (word) => {
    if (!endings.test(word)) return undefined;
    const status = await stat(resolve(cwd, word)).catch(() => undefined);
    return status?.isFile() ? ([word, status.size, Math.round(status.mtimeMs)] as const) : undefined;
  });
  return (await Promise.all(found)).filter((file) => file !== undefined);
}
