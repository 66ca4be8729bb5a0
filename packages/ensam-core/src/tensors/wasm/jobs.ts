/**
 * Words of the control block that threads share, at the start of the heap. Words that are written often have a cache
 * line of their own. A job is open for the thread that sees `open` equal to the generation it woke for; whoever works
 * is counted in `active`, and the block is only rewritten when the job is closed and nobody is active.
 */
export const words = {
  generation: 0,
  open: 16,
  next: 32,
  active: 48,
  kernel: 64,
  tasks: 65,
  scratch: 66,
  scratchStride: 67,
  failed: 68,
  parameters: 80,
  count: 144,
} as const;

/** A kernel's parameters: addresses and counts as numbers, single-precision values wrapped by `float`. */
export type Parameter = number | { readonly float: number };

export interface Job {
  readonly kernel: string;
  readonly parameters: readonly Parameter[];
  readonly tasks: number;
  /** Bytes of scratch memory that each thread needs. */
  readonly scratchBytes?: number;
  /** Roughly how long all tasks take on one thread, in microseconds; short jobs are not worth waking others for. */
  readonly microseconds?: number;
}

export interface Runner {
  run(job: Job): void;
  dispose(): void;
}

type Kernel = (parameters: number, task: number, scratch: number) => void;

export interface RunnerParts {
  readonly memory: WebAssembly.Memory;
  readonly exports: WebAssembly.Exports;
  readonly kernelNames: readonly string[];
  /** Address of the control block. */
  readonly control: number;
  readonly threads: number;
  allocate(bytes: number): number;
  free(address: number): void;
  /** Milliseconds to wait for threads of which none ends its task; one takes milliseconds. @default 60000 */
  readonly patience?: number;
}

/** Jobs shorter than this run on the calling thread alone. */
const shortMicroseconds = 25;
const spins = 2000;

/**
 * Runs jobs, sharing their tasks with the worker threads that listen to the control block. Returns when all are done.
 */
export function createRunner(parts: RunnerParts): Runner {
  const { memory, control: address, threads, patience = 60_000 } = parts;
  const control = new Int32Array(memory.buffer, address, words.count);
  const floats = new Float32Array(memory.buffer, address, words.count);
  const parameters = address + words.parameters * 4;
  const indices = new Map(parts.kernelNames.map((name, i) => [name, i]));
  const kernels = new Map(parts.kernelNames.map((name) => [name, parts.exports[name] as Kernel]));
  let generation = 0;
  let scratch = 0;
  let scratchStride = 0;
  let hasFailed = false;

  function provideScratch(bytes: number): void {
    if (bytes <= scratchStride) return;
    // An odd number of cache lines between threads, so that their buffers do not fall on the same cache sets.
    const stride = (Math.ceil(bytes / 4096) + 1) * 4096 + 64;
    // The old one is given back when the new one is there: where it does not fit, later jobs go on with the old one.
    const larger = parts.allocate(stride * threads);
    if (scratch !== 0) parts.free(scratch);
    scratch = larger;
    scratchStride = stride;
  }

  function run({
    kernel: name,
    parameters: values,
    tasks,
    scratchBytes = 0,
    microseconds = Number.POSITIVE_INFINITY,
  }: Job): void {
    if (hasFailed) throw lostThread(name);
    const kernel = kernels.get(name)!;
    provideScratch(scratchBytes);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (typeof value === "number") control[words.parameters + i] = value;
      else floats[words.parameters + i] = value.float;
    }
    if (threads === 1 || tasks === 1 || microseconds < shortMicroseconds) {
      for (let task = 0; task < tasks; task++) kernel(parameters, task, scratch);
      return;
    }
    control[words.kernel] = indices.get(name)!;
    control[words.tasks] = tasks;
    control[words.scratch] = scratch;
    control[words.scratchStride] = scratchStride;
    Atomics.store(control, words.next, 0);
    generation = (generation + 1) & 0x3fffffff || 1;
    Atomics.store(control, words.open, generation);
    Atomics.store(control, words.generation, generation);
    Atomics.notify(control, words.generation);
    try {
      for (let task = Atomics.add(control, words.next, 1); task < tasks; task = Atomics.add(control, words.next, 1)) {
        kernel(parameters, task, scratch);
      }
    } finally {
      Atomics.store(control, words.open, 0);
      waitForOthers(name);
    }
    if (Atomics.exchange(control, words.failed, 0) !== 0)
      throw new Error(`wasm: ${name}: expected every task to end, got a trap`);
  }

  /**
   * Waits for the threads that are at their last task. One that died amid it stays counted as active, and this thread,
   * which does not get to its events, is not told: it gives up when for long nobody is done. Naps are counted, not the
   * clock, because the whole process may be stopped for a while.
   */
  function waitForOthers(name: string): void {
    let [before, naps] = [-1, 0];
    for (let i = 0; ; i++) {
      const active = Atomics.load(control, words.active);
      if (active === 0) return;
      if (i <= spins) continue;
      if (active !== before) [before, naps] = [active, 0];
      if (naps >= patience) {
        hasFailed = true;
        throw lostThread(name);
      }
      if (Atomics.wait(control, words.active, active, 1) === "timed-out") naps++;
    }
  }

  return {
    run,
    dispose() {
      Atomics.store(control, words.generation, -1);
      Atomics.notify(control, words.generation);
    },
  };
}

function lostThread(kernel: string): Error {
  return new Error(`wasm: ${kernel}: expected every kernel thread to end its task, got none from one that is gone`);
}
