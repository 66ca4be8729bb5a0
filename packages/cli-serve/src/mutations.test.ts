import { expect, test } from "vitest";
import { sendMutations } from "./testing/mutations.ts";

test("300 mutated requests are answered or refused, never by a failure, and leave no sessions behind", async () => {
  const { statuses, wrong, mostSessions } = await sendMutations(300, 1);
  expect(wrong).toEqual([]);
  expect(statuses[400]).toBeGreaterThan(60);
  expect(mostSessions).toBeLessThanOrEqual(4);
});
