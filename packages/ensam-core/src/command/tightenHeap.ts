import { setFlagsFromString } from "node:v8";

/** By how many per cent the heap may grow over what was alive before garbage is collected again. */
const growth = 20;

/**
 * Makes V8 collect garbage sooner from now on, for a process that holds a great many rows: left alone it lets the heap
 * grow to several times what is alive, by the memory that the machine has (coreset of a million cases: 410 MiB and 27 s
 * of processor, tightened 299 MiB and 36 s; report of 400,000 score rows: 241 and 225 MiB, 34 and 35 s). V8 reads the
 * flag `heap-growing-percent` each time that it decides how far the heap may grow, so it works after the start.
 */
export function tightenHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
}
