import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { packagesFolder } from "./commandPages.ts";
import { packAll } from "./packAll.ts";

const folders = readdirSync(packagesFolder).filter((name) =>
  existsSync(new URL(`${name}/package.json`, packagesFolder)),
);
const manifest = (folder: string) =>
  JSON.parse(readFileSync(new URL(`${folder}/package.json`, packagesFolder), "utf8"));
const isBuilt = existsSync(fileURLToPath(new URL("../dist/docs.js", import.meta.url)));

test("every package says what it is, what it runs on, and has one version and a README", () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", packagesFolder), "utf8"));
  for (const folder of folders) {
    const { name, description, keywords, engines, license, ...own } = manifest(folder);
    expect({ name, version: own.version, license, engines }).toEqual({
      name: folder === "ensam" ? "ensam" : `@ensam/${folder === "ensam-core" ? "core" : folder}`,
      version,
      license: "Apache-2.0",
      engines: { node: ">=20.19" },
    });
    expect(description.length, name).toBeGreaterThan(20);
    expect(keywords.length, name).toBeGreaterThan(4);
    expect(readFileSync(new URL(`${folder}/README.md`, packagesFolder), "utf8"), name).toMatch(/^# /);
  }
});

test.runIf(isBuilt)(
  "tarballs hold what runs and what is read, and neither tests nor sources",
  { timeout: 120_000 },
  async () => {
    const packed = await packAll();
    expect(packed.map(({ name }) => name).sort()).toEqual(folders.map((folder) => manifest(folder).name).sort());
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      const folder = folders.find((one) => manifest(one).name === name)!;
      const { bin = {}, man = [] } = manifest(folder);
      const needed = ["LICENSE", "README.md", "package.json", ...(Object.values(bin) as string[]), ...man];
      expect(paths, name).toEqual(expect.arrayContaining(needed));
      const wrong =
        /\.test\.|\btesting\/|fixtures|\.tsx?$(?<!\.d\.ts)|\.map$|tsbuildinfo|^(src|page|assembly)\/|\.mjs$(?<!^workers\/.*)/;
      expect(
        paths.filter((path) => wrong.test(path)),
        name,
      ).toEqual([]);
    }
    const inside = (name: string) => packed.find((one) => one.name === name)!.files.map(({ path }) => path);
    expect(inside("@ensam/core")).toEqual(
      expect.arrayContaining([
        "wasm/kernels.wasm",
        "wasm/kernels-relaxed.wasm",
        "gradients/stock.js",
        "zod/stock.js",
        "workers/kernel-worker.mjs",
        "dist/files/index.js",
        "dist/files/index.d.ts",
      ]),
    );
    expect(inside("@ensam/cli-annotate")).toEqual(
      expect.arrayContaining(["dist/page/index.html", "dist/page/third-party-licences.md"]),
    );
    expect(inside("@ensam/weights")).toContain(
      JSON.parse(readFileSync(new URL("weights/weights.json", packagesFolder), "utf8")).file,
    );
    expect(inside("@ensam/cli-segment")).toContain("challenge/predict.sh");
  },
);
