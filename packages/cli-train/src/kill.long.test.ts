import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { isBuilt, killAgainAndAgain, makeTrainingFolder } from "./testing/trainingElsewhere.ts";

const seed = Number(process.env.TEST_SEED || Date.now() % 100_000);
console.log(`kill.long.test: SEED=${seed}${isBuilt ? "" : " (no build: nothing is killed)"}`);

test.runIf(isBuilt)("a run killed at 50 random moments ends with the bytes of one that was left alone", async () => {
  const training = await makeTrainingFolder();
  try {
    const epochs = 200;
    expect((await training.runHere("whole", epochs)).code).toBe(0);
    const { kills, last } = await killAgainAndAgain(training, "parts", { epochs, wanted: 50, seed });
    expect([last.code, kills]).toEqual([0, 50]);
    expect(training.checkpoint("parts").equals(training.checkpoint("whole"))).toBe(true);
  } finally {
    rmSync(training.folder, { recursive: true, force: true });
  }
});
