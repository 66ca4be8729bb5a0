import { defineConfig } from "vitest/config";

/** `make test-long` runs what takes minutes: many mutations, kills or allocations. */
const isLong = process.env.TEST_LONG === "1";

export default defineConfig({
  resolve: { conditions: ["ensam-source"] },
  ssr: { resolve: { conditions: ["ensam-source"] } },
  test: {
    include: isLong
      ? ["packages/*/src/**/*.long.test.ts"]
      : ["packages/*/src/**/*.test.{ts,tsx}", "scripts/src/**/*.test.ts"],
    exclude: ["**/node_modules/**", ...(isLong ? [] : ["**/*.long.test.ts"])],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
  },
});
