import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { readNpz } from "@ensam/core/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./main.ts";
import { startRelay } from "./testing/relay.ts";
import { toyModel } from "./testing/toyModel.ts";

// What the unmodified official evaluator handed to a toy model and got from it: see the README there.
const golden = fileURLToPath(new URL("fixtures/", import.meta.url));
const cases = [
  "CT_Toy_ellipsoids_0001",
  "MR_Toy_border_uint16_0006",
  "MR_Toy_nobox_0002",
  "Microscopy_Toy_perfectbox_0005",
  "PET_Toy_sparselabels_0004",
  "US_Toy_ties_0003",
];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the official evaluator's inputs, clicks and masks are reproduced exactly for all its cases", async () => {
  const seen = join(folder, "seen");
  await mkdir(seen);
  const calls = new Map<string, number>();
  const relay = await startRelay(folder, async (workFolder) => {
    const [file] = await readdir(join(workFolder, "inputs"));
    const call = calls.get(file!) ?? 0;
    calls.set(file!, call + 1);
    await copyFile(join(workFolder, "inputs", file!), join(seen, `${basename(file!, ".npz")}_call${call}.npz`));
    await toyModel(workFolder);
  });
  const rows = cases.map((name) => ({
    type: "case",
    case: name,
    modality: name.split("_")[0],
    dataset: "Toy",
    npz: join(golden, "imgs", `${name}.npz`),
    shape: [1, 1, 1],
    spacing: [1, 1, 1],
    labels: {},
  }));
  const argv = ["--predictor", relay.command, "--truth", join(golden, "gts"), "-o", join(folder, "out"), "-j", "2"];
  const result = await callCommand(main, argv, { input: asLines(rows), env: { ...process.env } as never });
  await relay.close();
  expect(result.error).not.toMatch(/fail|expected/);
  expect(result.code).toBe(0);
  expect(result.rows.map((row) => row.case)).toEqual(cases);

  for (const name of cases) {
    const inputs = await readdir(join(golden, "evaluator_inputs", name));
    expect(calls.get(`${name}.npz`), name).toBe(inputs.length);
    for (let call = 0; call < inputs.length; call++) {
      const expected = await content(join(golden, "evaluator_inputs", name, `input_call${call}.npz`));
      expect(await content(join(seen, `${name}_call${call}.npz`)), `${name}, call ${call}`).toEqual(expected);
    }
    expect(await content(join(folder, "out", `${name}.npz`)), name).toEqual(
      await content(join(golden, "expected", `${name}.npz`)),
    );
  }
});

/** All members of an npz by name, with type, shape and values. */
async function content(path: string): Promise<Record<string, unknown>> {
  const archive = await readNpz(path);
  const names = archive.keys().sort();
  return Object.fromEntries(names.map((name) => [name, plain(archive.get(name))]));
}

function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_, item) => (ArrayBuffer.isView(item) ? [...(item as Uint8Array)] : item)));
}
