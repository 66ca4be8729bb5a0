import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelOrBuiltin } from "./modelOrBuiltin.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256 = createHash("sha256").update("weights").digest("hex");

async function choose(model: string | undefined, content: string | undefined) {
  const path = join(folder, `${content ?? "none"}.safetensors`);
  if (content !== undefined) await writeFile(path, content);
  const notes: string[] = [];
  const load = async () => ({ builtinWeights: () => ({ path, sha256 }) });
  const choice = await modelOrBuiltin({ note: (line) => notes.push(line) }, model, load);
  return { choice, notes, path };
}

test("a model that was given is taken, and nothing is said", async () => {
  const { choice, notes } = await choose("runs/a", undefined);
  expect({ choice, notes }).toEqual({ choice: { path: "runs/a" }, notes: [] });
});

test("without one the weights of the package are taken, and their hash is said", async () => {
  const { choice, notes, path } = await choose(undefined, "weights");
  expect(choice).toEqual({ path, sha256 });
  expect(notes).toEqual([`model: the weights of @ensam/weights, SHA-256 ${sha256} (--model takes others)`]);
  expect(await choose("builtin", "weights")).toEqual({ choice, notes, path });
});

test("weights that are missing or not those of the package are refused by name", async () => {
  await expect(choose(undefined, undefined)).rejects.toThrow(
    /^--model: expected the weights of @ensam\/weights \(builtin\), got none at /,
  );
  await expect(choose(undefined, "damaged")).rejects.toThrow(
    `expected the weights of @ensam/weights (SHA-256 ${sha256})`,
  );
});
