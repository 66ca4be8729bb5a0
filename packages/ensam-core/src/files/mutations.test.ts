import { expect, test, vi } from "vitest";
import { readMutations } from "./testing/mutations.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

test("damaged files of every format are read or refused in one line, right where there is a checksum, and print nothing", async () => {
  const printed: string[] = [];
  const keep = (chunk: unknown): boolean => {
    printed.push(String(chunk));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(keep),
    vi.spyOn(process.stderr, "write").mockImplementation(keep),
    ...(["log", "warn", "error"] as const).map((method) => vi.spyOn(console, method).mockImplementation(keep)),
  ];
  const read = await readMutations(temporaryFolder(), 1, 1300).finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  expect(printed).toEqual([]);
  expect(read).toBeGreaterThan(50);
});
