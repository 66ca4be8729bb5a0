import { basename, dirname, join } from "node:path";

const ending = ".ensam-state.npz";

/** Where the state of a case is kept between two calls: beside its input, hidden, so that nothing takes it for a case. */
export function statePath(input: string): string {
  return join(dirname(input), `.${basename(input, ".npz")}${ending}`);
}

/** Whether a file's name is that of such a state. */
export function isState(name: string): boolean {
  return name.startsWith(".") && name.endsWith(ending);
}
