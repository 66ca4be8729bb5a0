import { configDefaults, defineConfig } from "vitest/config";

/** `make test-long` runs what takes minutes (`*.long.test.ts`): many mutations, kills or allocations. */
const isLong = process.env.TEST_LONG === "1";
const folders = ["packages/*/src/**", "scripts/src/**"];

export default defineConfig({
  resolve: { conditions: ["ensam-source"] },
  ssr: { resolve: { conditions: ["ensam-source"] } },
  test: {
    include: folders.map((folder) => `${folder}/*.${isLong ? "long.test" : "test"}.{ts,tsx}`),
    exclude: [...configDefaults.exclude, ...(isLong ? [] : ["**/*.long.test.ts"])],
    testTimeout: isLong ? 3_600_000 : 60_000,
    hookTimeout: 60_000,
    fileParallelism: !isLong,
    pool: "forks",
  },
});
