import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["ensam-source"] },
  ssr: { resolve: { conditions: ["ensam-source"] } },
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "scripts/src/**/*.test.ts"],
    testTimeout: 60_000,
    pool: "forks",
  },
});
