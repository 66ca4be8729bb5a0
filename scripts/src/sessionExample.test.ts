import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNifti, writeSafetensors } from "@ensam/core/files";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { expect, test } from "vitest";
import { twoClicks } from "./sessionExample.ts";

test("the library example of docs/session.md is this file, and it runs", async () => {
  const source = await readFile(new URL("./sessionExample.ts", import.meta.url), "utf8");
  const page = await readFile(new URL("../../docs/session.md", import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`ts\n${source}\`\`\``);

  const folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  try {
    const [image, model] = [join(folder, "image.nii.gz"), join(folder, "net.safetensors")];
    const data = Uint8Array.from({ length: 16 ** 3 }, (_, i) => (i * 31) % 256);
    await writeNifti(image, { data, shape: [16, 16, 16] }, [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
    await writeSafetensors(model, minuteModel(0) as never, { config: JSON.stringify(minuteConfig) });
    const [first, second, undone] = await twoClicks(image, model, "cpu");
    expect(first).toBeGreaterThan(0);
    expect(second).not.toBe(first);
    expect(undone).toBe(first);
  } finally {
    await rm(folder, { recursive: true });
  }
});
