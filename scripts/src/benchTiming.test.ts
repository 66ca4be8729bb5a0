import { expect, test } from "vitest";
import { measure, type Timing, timingOn } from "./benchTiming.ts";

/** A queue: asking takes 1 ms each, doing takes so many seconds each and happens when it is waited for. */
function queue(secondsEach: number) {
  let clock = 0;
  let waiting = 0;
  const counts = { runs: 0, waits: 0 };
  return {
    counts,
    now: () => clock,
    run() {
      clock += 0.001;
      waiting++;
      counts.runs++;
    },
    async settle() {
      clock += waiting * secondsEach;
      waiting = 0;
      counts.waits++;
    },
  };
}

function timing({ now, settle }: ReturnType<typeof queue>, own: Partial<Timing> = {}): Timing {
  return { repeat: 3, warmUps: 2, shortest: 0.2, deadline: Number.POSITIVE_INFINITY, now, settle, ...own };
}

test("what is queued is counted, not only its asking, and many runs are waited for together", async () => {
  const gpu = queue(0.009);
  const { median, samples } = await measure(gpu.run, timing(gpu));
  expect(median).toBeCloseTo(0.01, 10);
  expect(samples).toBe(3);
  // 2 to warm up; 1 to see that it takes 10 ms; 3 samples of 20 for 0.2 s, the first of which counts.
  expect(gpu.counts).toEqual({ runs: 2 + 1 + 3 * 20, waits: 2 + 1 + 3 });
});

test("a long run is a sample by itself", async () => {
  const gpu = queue(0.999);
  expect((await measure(gpu.run, timing(gpu))).median).toBeCloseTo(1, 10);
  expect(gpu.counts.runs).toBe(2 + 3);
});

test("after the deadline no further sample is begun, but one is there", async () => {
  const gpu = queue(0.999);
  expect(await measure(gpu.run, timing(gpu, { deadline: 1.5 }))).toMatchObject({ samples: 1 });
  const other = queue(0.999);
  expect(await measure(other.run, timing(other, { deadline: 3.5, repeat: 5 }))).toMatchObject({ samples: 2 });
});

test("a promise is waited for in each run", async () => {
  const gpu = queue(0);
  let [now, most] = [0, 0];
  const run = async () => {
    gpu.run();
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
  };
  await measure(run, timing(gpu, { shortest: 0.004, repeat: 1 }));
  expect(most).toBe(1);
});

test("a GPU is waited for and warmed up twice; nothing else is", async () => {
  let waits = 0;
  const onGpu = timingOn({ gpu: {}, finished: async () => void waits++ }, 3);
  await onGpu.settle();
  expect(waits).toBe(1);
  expect(onGpu).toMatchObject({ warmUps: 2, shortest: 0.2 });
  const onProcessor = timingOn({}, 3);
  await onProcessor.settle();
  expect(onProcessor).toMatchObject({ warmUps: 1, shortest: 0.05 });
});
