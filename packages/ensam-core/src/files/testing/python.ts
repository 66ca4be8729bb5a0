import { spawnSync } from "node:child_process";

/** Runs a Python script with JSON on its standard input; returns what it prints as JSON. */
export type Python = (script: string, input: unknown) => unknown;

const found = new Map<string, string | undefined>();

/** A Python that has these modules, or undefined: tests against nibabel and pydicom are then skipped. */
export function pythonWith(...modules: readonly string[]): Python | undefined {
  const key = modules.join(", ");
  if (!found.has(key))
    found.set(
      key,
      interpreters.find((python) => runs(python, `import ${key}`)),
    );
  const python = found.get(key);
  if (python === undefined) return undefined;
  return (script, input) => {
    const { status, stdout, stderr } = spawnSync(python, ["-c", script], {
      input: JSON.stringify(input),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`${python}: ${stderr}`);
    return JSON.parse(stdout);
  };
}

const interpreters = ["python3", "/usr/bin/python3"];

function runs(python: string, script: string): boolean {
  return spawnSync(python, ["-c", script]).status === 0;
}
