import { expect, test } from "vitest";
import { defineCommand } from "./defineCommand.ts";
import { CommandError, exitCodes } from "./errors.ts";
import { forEachCase } from "./forEachCase.ts";
import { progressText } from "./progress.ts";
import { caseRow, echo } from "./testing/echoCommand.ts";
import { asLines, callCommand } from "./testing/index.ts";

const names = ["a", "bad", "c", "d", "e", "bad too", "g", "h", "i"];
const input = asLines(names.map((name) => caseRow(name)));

test("output is in the order of the input and the same for any number of jobs", async () => {
  const one = await callCommand(echo, ["--quiet"], { input });
  const four = await callCommand(echo, ["--quiet", "-j", "4"], { input });
  expect(one.rows.map((row) => row.case)).toEqual(names);
  expect(four.output).toBe(one.output);
});

test("a failed case is a row and a line, the others are done, and the code is 1", async () => {
  const { code, rows, error } = await callCommand(echo, ["--quiet"], { input });
  expect(code).toBe(1);
  expect(rows[1]).toEqual({ type: "failure", case: "bad", stage: "echo", error: "the case is bad" });
  expect(error.split("\n").slice(0, 3)).toEqual([
    "ensam-echo: bad: the case is bad",
    "ensam-echo: bad too: the case is bad",
    "ensam-echo: 2 of 9 cases failed",
  ]);
});

test("when every case failed the code is 3, and so it is for an input without any case", async () => {
  const bad = asLines([caseRow("bad 1"), caseRow("bad 2")]);
  const all = await callCommand(echo, ["--quiet"], { input: bad });
  expect([all.code, all.rows.map(({ type }) => type)]).toEqual([3, ["failure", "failure"]]);

  const none = await callCommand(echo, ["--quiet"]);
  expect(none).toMatchObject({ code: 3, error: "ensam-echo: stdin: expected at least one case, got none\n" });
  const failure = { type: "failure", case: "x", stage: "preprocess", error: "no such file" };
  const handedOn = await callCommand(echo, ["--quiet"], { input: asLines([failure]) });
  expect([handedOn.code, handedOn.rows]).toEqual([3, [failure]]);
  expect(handedOn.error).toContain("expected at least one case, got 1 failed ones");
});

test("a shard that no case falls into is done", async () => {
  const { code, rows } = await callCommand(echo, ["--quiet", "--shard", "3/3"], { input: asLines([caseRow("a")]) });
  expect([code, rows]).toEqual([0, []]);
});

test("an error that names its case is told with the name once", async () => {
  const { error } = await runLoop(async (name) => {
    if (name === "c") throw new Error("c: expected one prediction, got a second");
  }, 1);
  expect(error).toMatch(/^\S+: c: expected one prediction, got a second$/m);
});

test.each(["ENOSPC", "EDQUOT", "EROFS"])(
  "a disk that takes nothing more (%s) ends the loop at the first case",
  async (code) => {
    const seen: string[] = [];
    const full = Object.assign(new Error(`${code}: write`), { code });
    const result = await runLoop(async (name) => {
      seen.push(name);
      if (name === "c") throw new Error("out/c.npz: expected a place that can be written", { cause: full });
    }, 1);
    expect(result.rows).toMatchObject([{ type: "failure", case: "c" }]);
    expect(seen).toEqual(["a", "bad", "c"]);
  },
);

test("the shards share the cases out", async () => {
  const shards = await Promise.all(
    ["1/3", "2/3", "3/3"].map((shard) => callCommand(echo, ["--quiet", "--shard", shard], { input })),
  );
  expect(shards.map(({ rows }) => rows.map((row) => row.case).join())).toEqual(["a,d,g", "bad,e,h", "c,bad too,i"]);
});

test("no more cases run at once than jobs", async () => {
  let [running, most] = [0, 0];
  const code = await runLoop(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 3));
    running -= 1;
  }, 3);
  expect(code).toMatchObject({ code: 0 });
  expect(most).toBe(3);
});

test("running out of memory ends the loop with 5 after a row for the case", async () => {
  const { code, rows } = await runLoop(async (name) => {
    if (name === "c") throw new CommandError("volume: expected 1 GB, got 2 GB", exitCodes.memory);
  }, 1);
  expect(code).toBe(5);
  expect(rows).toEqual([{ type: "failure", case: "c", stage: "loop", error: "volume: expected 1 GB, got 2 GB" }]);
});

test("the first signal stops after the cases that run, with 75", async () => {
  let signal = (): void => {};
  const seen: string[] = [];
  const { code, error } = await runLoop(
    async (name) => {
      seen.push(name);
      if (name === "c") signal();
    },
    1,
    (handler) => {
      signal = handler;
      return () => {};
    },
  );
  expect(code).toBe(75);
  expect(seen).toEqual(["a", "bad", "c"]);
  expect(error).toContain("stopped after 3 cases; run the same command again to go on");
});

test("errors of other rooms keep their meaning by class name", async () => {
  class DeviceUnavailable extends Error {
    override name = "DeviceUnavailable";
  }
  const { code } = await runLoop(async () => {
    throw new DeviceUnavailable("webgpu: expected an adapter, got none");
  }, 2);
  expect(code).toBe(4);
});

test("progress says how far, how long and how much is left", () => {
  const state = { count: 10, total: 40, label: "cases", seconds: 20, last: "CT_1" };
  expect(progressText(state, false)).toBe("cases 10/40, 20 s, 1 min 0 s left  CT_1"); // 20 s / (1/4) * (3/4) = 60 s
  expect(progressText(state, true)).toBe("[######..................] cases 10/40, 20 s, 1 min 0 s left  CT_1");
  expect(progressText({ ...state, total: undefined }, true)).toBe("cases 10, 20 s  CT_1");
  // An earlier run did 8: 20 s for two, and 30 are left.
  expect(progressText({ ...state, before: 8 }, false)).toBe("cases 10/40, 20 s, 5 min 0 s left  CT_1");
});

test("a bar is drawn on a terminal only, and never with CI, TERM=dumb or --quiet", async () => {
  const bar = async (argv: string[], env: Record<string, string>, errorIsTty: boolean) =>
    (await callCommand(echo, argv, { input, env, streams: { errorIsTty } })).error.includes("\r");
  expect(await bar([], {}, true)).toBe(true);
  expect(await bar([], {}, false)).toBe(false);
  expect(await bar([], { CI: "1" }, true)).toBe(false);
  expect(await bar([], { TERM: "dumb" }, true)).toBe(false);
  expect(await bar(["--quiet"], {}, true)).toBe(false);
});

async function runLoop(
  work: (name: string) => Promise<void>,
  jobs: number,
  onSignal?: (handler: () => void) => () => void,
) {
  const command = defineCommand<{ level: number }>({
    name: "ensam-loop",
    summary: "loops",
    examples: [],
    options: { level: { kind: "integer", default: 1, doc: "A level." } },
    async run(context) {
      const items = names.map((name) => ({ case: name }));
      return (
        await forEachCase(context, items, { jobs }, async (item) => {
          await work(item.case);
          return undefined;
        })
      ).exitCode;
    },
  });
  return callCommand(command, ["--quiet"], onSignal === undefined ? {} : { streams: { onSignal } });
}
