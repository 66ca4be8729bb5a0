import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { ScoreRequest } from "./scoreCase.ts";
import { openScorer } from "./scorer.ts";

const folder = mkdtempSync(join(tmpdir(), "ensam-scorer-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A scoring thread that answers with its number and, if the request says so, ends once it is idle. */
const file = join(folder, "worker.mjs");
writeFileSync(
  file,
  `import { parentPort, threadId } from "node:worker_threads";
   parentPort.on("message", ({ ends, throws }) => {
     parentPort.postMessage({ answer: { row: threadId } });
     if (ends) setTimeout(() => process.exit(1), 20);
     if (throws) setTimeout(() => { throw new Error("late"); }, 20);
   });`,
);
const open = () => openScorer(2, pathToFileURL(file));
const request = (wish: object) => wish as ScoreRequest;

test.each(["ends", "throws"])("a thread that %s while it has nothing to do is not asked again", async (how) => {
  const scorer = open();
  const first = await scorer.score(request({ [how]: true }));
  await later(300);
  const second = await scorer.score(request({}));
  expect(second).not.toEqual(first);
  expect(await scorer.score(request({}))).toEqual(second); // Alive, so it is asked again.
  await scorer.close();
});
