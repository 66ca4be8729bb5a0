// Builds wasm/kernels.wasm and wasm/kernels-relaxed.wasm from the AssemblyScript sources beside this file.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
mkdirSync(here("../wasm"), { recursive: true });

const common = [
  here("index.ts"),
  ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--enable", "threads"],
  ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65535", "--noExportMemory"],
];

for (const [file, extra] of [
  ["../wasm/kernels.wasm", []],
  ["../wasm/kernels-relaxed.wasm", ["--enable", "relaxed-simd"]],
]) {
  const { error, stderr } = await asc.main([...common, ...extra, "--outFile", here(file)]);
  if (error) {
    process.stderr.write(`${stderr.toString()}${error.message}\n`);
    process.exit(1);
  }
}
