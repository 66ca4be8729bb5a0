#!/usr/bin/env node
// Times clicks in the real page of ensam-annotate, in Chromium with software WebGL: from the mouse's release to the
// painted picture, three objects present, after their first encoding. Rows on stdout, a table on stderr.
//
//   node scripts/dist/benchAnnotate.js [--device wasm] [--clicks 20]
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeNifti, writeSafetensors } from "@ensam/core/files";
import { initParameters, parameterTable, presets } from "@ensam/core/model";
import { randomStream } from "@ensam/core/voxels";
import { chromium } from "playwright-core";

const { values } = parseArgs({
  options: { device: { type: "string", default: "wasm" }, clicks: { type: "string", default: "20" } },
});
const clicks = Number(values.clicks);
const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath === undefined) {
  process.stderr.write("bench-annotate: expected Chromium (CHROMIUM=PATH), got none\n");
  process.exit(4);
}
const side = 128;
const folder = await mkdtemp(join(tmpdir(), "ensam-bench-"));
const [image, model] = [join(folder, "image.nii"), join(folder, "small.safetensors")];
const noise = randomStream(1, "bench");
const data = Uint8Array.from({ length: side ** 3 }, () => 60 + Math.floor(noise.uniform(0, 120)));
await writeNifti(image, { data, shape: [side, side, side] }, [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
// Untrained, with half of the voxels inside: no answer changes more of the picture.
const drawn = initParameters(presets.small, randomStream(1, "bench"));
drawn["decoder.head.bias"]!.fill(0);
const tensors = Object.fromEntries(
  parameterTable(presets.small).map(({ name, shape }) => [name, { shape, data: drawn[name]! }]),
);
await writeSafetensors(model, tensors as never, { config: JSON.stringify(presets.small) });

interface Answered {
  readonly milliseconds: number;
  readonly serverMilliseconds: number;
  readonly textureMilliseconds: number;
}
declare const window: {
  readonly ensam: {
    readonly app: {
      readonly state: { answered?: Answered | undefined; isOpening: boolean; queue: readonly unknown[] };
    };
    readonly viewer: {
      moveCrosshair(voxel: readonly number[]): void;
      drawNow(): void;
      placeOf(plane: string, voxel: readonly number[]): readonly [number, number];
    };
  };
};

const browser = await chromium.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
  ],
});
try {
  for (const [crop, margin] of [
    [64, 31],
    [96, 47],
  ] as const) {
    const row = await measure(crop, margin);
    process.stdout.write(`${JSON.stringify(row)}\n`);
    const { median, p95, server, texture, serverMiB, pageMiB } = row;
    process.stderr.write(
      `${crop}³: median ${median} ms, p95 ${p95} ms (server ${server} ms, texture ${texture} ms); ` +
        `server ${serverMiB} MiB, page's scripts ${pageMiB} MiB\n`,
    );
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

async function measure(crop: number, margin: number) {
  const bin = fileURLToPath(new URL("../../packages/cli-annotate/bin/ensam-annotate.js", import.meta.url));
  const argv = [
    image,
    "--model",
    model,
    "--device",
    values.device,
    "--sessions",
    join(folder, String(crop)),
    "--no-open",
  ];
  const child = spawn(process.execPath, [bin, ...argv, "--crop-without-box", String(margin)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk;
        const found = /open (http:\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on("exit", (code) => reject(new Error(`ensam-annotate: exit ${code}: ${said}`)));
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(300_000);
    await page.goto(address);
    await page.waitForFunction(() => window.ensam !== undefined && !window.ensam.app.state.isOpening);
    const middles = [
      [64, 64, 64],
      [60, 50, 70],
      [70, 70, 50],
    ] as const;
    const times: Answered[] = [];
    // The first round encodes; then clicks near each object's first one.
    for (let i = 0; i < clicks + middles.length; i++) {
      const middle = middles[i % 3]!;
      if (i < middles.length) await page.keyboard.press("n");
      else await page.keyboard.press("m");
      const shift = i < middles.length ? 0 : 2 + (i % 7);
      const voxel = [middle[0], middle[1] + shift, middle[2] - shift];
      const answered = await click(page, voxel, i % 2 === 0 ? "left" : i < middles.length ? "left" : "right");
      if (i >= middles.length) times.push(answered);
    }
    const of = (key: keyof Answered) => times.map((time) => time[key]).sort((a, b) => a - b);
    const at = (sorted: number[], q: number) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!;
    const round = (value: number) => Number(value.toFixed(1));
    const total = of("milliseconds");
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const { metrics } = await session.send("Performance.getMetrics");
    const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
    await page.close();
    return {
      crop,
      device: values.device,
      clicks: times.length,
      median: round(at(total, 0.5)),
      p95: round(at(total, 0.95)),
      server: round(at(of("serverMilliseconds"), 0.5)),
      texture: round(at(of("textureMilliseconds"), 0.95)),
      serverMiB: await residentMiB(child.pid!),
      pageMiB: Math.round(heap / 2 ** 20),
    };
  } finally {
    child.kill("SIGINT");
    await new Promise((resolve) => child.once("exit", resolve));
  }
}

async function click(
  page: Awaited<ReturnType<typeof browser.newPage>>,
  voxel: readonly number[],
  button: "left" | "right",
) {
  await page.waitForFunction(() => window.ensam.app.state.queue.length === 0);
  const [x, y] = await page.evaluate((at) => {
    const { app, viewer } = window.ensam;
    app.state.answered = undefined;
    // Elsewhere in the slice, so that the click moves the crosshair and with it the two other planes.
    viewer.moveCrosshair([at[0]!, at[1]! - 9, at[2]! + 9]);
    viewer.drawNow();
    return viewer.placeOf("axial", at);
  }, voxel);
  const box = (await page.locator("#marks").boundingBox())!;
  await page.mouse.click(box.x + x, box.y + y, { button });
  await page.waitForFunction(() => window.ensam.app.state.answered !== undefined);
  return (await page.evaluate(() => window.ensam.app.state.answered))!;
}

async function residentMiB(pid: number): Promise<number> {
  if (process.platform !== "linux")
    return Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)])) / 1024);
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
