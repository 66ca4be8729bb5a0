import { existsSync } from "node:fs";
import type { Context } from "./context.ts";
import { InputError, UsageError } from "./errors.ts";
import { sha256OfFile } from "./fileHash.ts";

/** What the package of weights exports. */
export interface WeightsPackage {
  builtinWeights(): { readonly path: string; readonly sha256: string };
}

/** The model that a command was given, or the one in the box. */
export interface ModelChoice {
  /** A run folder or a checkpoint file. */
  readonly path: string;
  /** Of the weights in the box, which were hashed to know them. */
  readonly sha256?: string;
}

/** The value of --model, and of --init, that means the weights in the box. */
export const builtinModel = "builtin";

const packageName = "@ensam/weights";
const others = "it takes a run folder or a .safetensors file too";

/**
 * The model of `--model`; without it, or where it is `builtin`, the weights of the package `@ensam/weights`, which is
 * said on the error stream with their SHA-256.
 *
 * @param load  for tests: how the package is loaded
 * @param flag  the option that names other weights
 * @throws UsageError where there is neither; InputError where the file is not the one that the package was made with
 */
export async function modelOrBuiltin(
  { note }: Pick<Context<object>, "note">,
  model: string | undefined,
  load: (flag: string) => Promise<WeightsPackage> = loadWeights,
  flag = "--model",
): Promise<ModelChoice> {
  if (model !== undefined && model !== builtinModel) return { path: model };
  const { path, sha256 } = (await load(flag)).builtinWeights();
  if (!existsSync(path)) {
    throw new UsageError(`${flag}: expected the weights of ${packageName} (builtin), got none at ${path}; ${others}`);
  }
  const found = await sha256OfFile(path);
  if (found !== sha256) {
    throw new InputError(`${path}: expected the weights of ${packageName} (SHA-256 ${sha256}), got SHA-256 ${found}`);
  }
  note(`model: the weights of ${packageName}, SHA-256 ${sha256} (${flag} takes others)`);
  return { path, sha256 };
}

async function loadWeights(flag: string): Promise<WeightsPackage> {
  try {
    return (await import(packageName as string)) as WeightsPackage;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes(packageName)) throw error;
    throw new UsageError(
      `${flag}: expected the package ${packageName} (builtin), got none installed (npm install ${packageName}, or its .tgz, adds it); ${others}`,
    );
  }
}
