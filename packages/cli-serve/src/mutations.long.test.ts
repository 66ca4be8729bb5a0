import { expect, test } from "vitest";
import { sendMutations } from "./testing/mutations.ts";

/** Another seed: make test-long SEED=2. */
const seed = Number(process.env.TEST_SEED || 1);

test("10,000 mutated requests: refusals, no failure, no growth", async () => {
  const { statuses, wrong, mostSessions, memory } = await sendMutations(10_000, seed);
  console.log(`seed ${seed}: replies by status ${JSON.stringify(statuses)}, memory ${memory.join(" to ")} bytes`);
  expect(wrong).toEqual([]);
  expect(statuses[400]).toBeGreaterThan(2000);
  expect(mostSessions).toBeLessThanOrEqual(4);
  expect(memory[1] - memory[0]).toBeLessThan(128 * 2 ** 20);
});
