// A thread of the WebAssembly engine: waits for a job in shared memory, takes tasks of it until none is left, waits again.
// The job's layout is that of src/tensors/wasm/jobs.ts.
import { parentPort, workerData } from "node:worker_threads";

const { module, memory, control: address, index, words } = workerData;
const instance = new WebAssembly.Instance(module, { env: { memory } });
const kernels = workerData.kernels.map((name) => instance.exports[name]);
const control = new Int32Array(memory.buffer, address, words.count);
const parameters = address + words.parameters * 4;
const spins = 4000;

parentPort.postMessage("ready");
let seen = 0;
for (;;) {
  seen = nextJob(seen);
  if (seen < 0) break;
  Atomics.add(control, words.active, 1);
  if (Atomics.load(control, words.open) === seen) takeTasks();
  if (Atomics.sub(control, words.active, 1) === 1) Atomics.notify(control, words.active);
}

/** Spins for a moment, because jobs mostly follow each other closely, then sleeps until the generation changes. */
function nextJob(before) {
  for (;;) {
    for (let i = 0; i < spins; i++) {
      const generation = Atomics.load(control, words.generation);
      if (generation !== before) return generation;
    }
    Atomics.wait(control, words.generation, before);
  }
}

function takeTasks() {
  const kernel = kernels[control[words.kernel]];
  const tasks = control[words.tasks];
  const scratch = (control[words.scratch] >>> 0) + control[words.scratchStride] * index;
  try {
    for (let task = Atomics.add(control, words.next, 1); task < tasks; task = Atomics.add(control, words.next, 1)) {
      kernel(parameters, task, scratch);
    }
  } catch {
    Atomics.store(control, words.failed, 1);
  }
}
