import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Zyx } from "@ensam/core/geometry";
import type { Browser, Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));

/** Why the page cannot be driven here; false if it can. */
export const noBrowser =
  executablePath === undefined ? `needs Chromium (CHROMIUM=, or ${places[0]}), which is not here` : false;

/** Software WebGL 2, so that no graphics card is needed. */
const flags = [
  "--no-sandbox",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
];

export async function openBrowser(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: executablePath!, args: flags });
}

/** The command as a process of its own, as a user starts it. */
export interface Served {
  readonly address: string;
  readonly process: ChildProcess;
  readonly said: () => string;
  /** Ends it with a signal; resolves to its exit code, null after a kill. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const bin = fileURLToPath(new URL("../../bin/ensam-annotate.js", import.meta.url));

export function serve(argv: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [bin, ...argv, "--no-open"], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr!.on("data", (chunk: Buffer) => {
      said += chunk;
      const address = /open (http:\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      resolve({
        address,
        process: child,
        said: () => said,
        stop(signal = "SIGINT") {
          child.kill(signal);
          return ended;
        },
      });
    });
    void ended.then((code) => reject(new Error(`ensam-annotate: exit ${code}: ${said}`)));
  });
}

/** The part of the browser that the functions sent there use; this project's tests have no DOM types. */
interface PageCanvas {
  width: number;
  height: number;
  getBoundingClientRect(): { readonly width: number };
  getContext(kind: "2d"): {
    drawImage(image: PageCanvas, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}
declare const window: { readonly ensam: Seen };
declare const document: { getElementById(id: "image"): PageCanvas; createElement(tag: "canvas"): PageCanvas };

type Plane = "axial" | "coronal" | "sagittal";

/** What the page lets its tests see: `window.ensam`. */
interface Seen {
  readonly app: {
    readonly state: {
      readonly image: {
        readonly index: number;
        readonly n: number;
        readonly report: { readonly objects: readonly SeenObject[] };
      };
      readonly isOpening: boolean;
      readonly queue: readonly unknown[];
      readonly draft?: { readonly min: Zyx; readonly max: Zyx };
    };
  };
  readonly viewer: {
    moveCrosshair(voxel: Zyx): void;
    drawNow(): void;
    placeOf(plane: Plane, voxel: readonly number[]): readonly [number, number];
    tiles(): { plane: string; left: number; top: number; width: number; height: number }[];
    valueAt(voxel: Zyx): number;
    crosshair(): Zyx;
  };
}
interface SeenObject {
  readonly label: number;
  readonly voxels: number;
  readonly waiting: number;
  readonly prompts: readonly { readonly event: number }[];
}

/** The page under a test's hand. */
export interface Driver {
  readonly page: Page;
  /** Errors of the page so far. */
  readonly errors: string[];
  /** Waits until an image is open and nothing waits for an answer. */
  settle(): Promise<void>;
  key(name: string): Promise<void>;
  /** Brings a voxel into view and clicks on it in a plane. */
  clickVoxel(plane: Plane, voxel: Zyx, button?: "left" | "right", isAlt?: boolean): Promise<void>;
  /** Drags between two places of a plane; the first one's slice is shown. */
  drag(plane: Plane, from: Zyx, to: Zyx): Promise<void>;
  /** Where a voxel's centre lies on the whole page. */
  placeOf(plane: Plane, voxel: readonly number[]): Promise<{ x: number; y: number }>;
  state(): Promise<Seen["app"]["state"]>;
  value(voxel: Zyx): Promise<number>;
  /** Brings a voxel into view. */
  bring(voxel: Zyx): Promise<void>;
  /** The list of objects as it is on the screen: names and volumes. */
  objects(): Promise<string[]>;
  message(): Promise<string>;
}

export async function drive(
  browser: Browser,
  address: string,
  viewport = { width: 900, height: 640 },
): Promise<Driver> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(200_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(address, { timeout: 120_000 });

  async function settle(): Promise<void> {
    await page.waitForFunction(() => {
      const seen = window.ensam as Seen | undefined;
      return seen !== undefined && !seen.app.state.isOpening && seen.app.state.queue.length === 0;
    });
  }
  async function placeOf(plane: Plane, voxel: readonly number[]) {
    const [x, y] = await page.evaluate(([name, at]) => window.ensam.viewer.placeOf(name, at), [plane, voxel] as const);
    const box = (await page.locator("#marks").boundingBox())!;
    return { x: box.x + x, y: box.y + y };
  }
  async function bring(voxel: Zyx): Promise<void> {
    await page.evaluate((at) => {
      const { viewer } = window.ensam;
      viewer.moveCrosshair(at);
      viewer.drawNow();
    }, voxel);
  }

  await settle();
  return {
    page,
    errors,
    settle,
    placeOf,
    bring,
    async objects() {
      const [names, volumes] = [page.locator('#objects input[type="text"]'), page.locator("#objects .number")];
      const values = await Promise.all((await names.all()).map((name) => name.inputValue()));
      return [...values, ...(await volumes.allTextContents())];
    },
    async key(name) {
      await page.keyboard.press(name);
      await settle();
    },
    async clickVoxel(plane, voxel, button = "left", isAlt = false) {
      await bring(voxel);
      const { x, y } = await placeOf(plane, voxel);
      if (isAlt) await page.keyboard.down("Alt");
      await page.mouse.click(x, y, { button });
      if (isAlt) await page.keyboard.up("Alt");
      await settle();
    },
    async drag(plane, from, to) {
      await bring(from);
      const [a, b] = [await placeOf(plane, from), await placeOf(plane, to)];
      await page.mouse.move(a.x, a.y);
      await page.mouse.down();
      await page.mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2, { steps: 3 });
      await page.mouse.move(b.x, b.y);
      await page.mouse.up();
      await settle();
    },
    state: () => page.evaluate(() => JSON.parse(JSON.stringify(window.ensam.app.state))),
    value: (voxel) => page.evaluate((at) => window.ensam.viewer.valueAt(at), voxel),
    message: async () => (await page.locator("#message").textContent()) ?? "",
  };
}

/** The middle of what is brighter than half in a tile of the picture (not of the marks over it), on the whole page. */
export async function brightMiddle({ page }: Driver, plane: Plane): Promise<{ x: number; y: number }> {
  const middle = await page.evaluate((name) => {
    const { viewer } = window.ensam;
    const canvas = document.getElementById("image");
    const tile = viewer.tiles().find((candidate) => candidate.plane === name)!;
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext("2d")!;
    viewer.drawNow();
    context.drawImage(canvas, 0, 0);
    const ratio = canvas.width / canvas.getBoundingClientRect().width;
    const [left, top] = [Math.ceil(tile.left * ratio), Math.ceil(tile.top * ratio)];
    const [width, height] = [Math.floor(tile.width * ratio), Math.floor(tile.height * ratio)];
    const { data } = context.getImageData(left, top, width, height);
    let [sumX, sumY, count] = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i]! < 128 || data[i + 1]! < 128 || data[i + 2]! < 128) continue;
      sumX += (i / 4) % width;
      sumY += Math.floor(i / 4 / width);
      count++;
    }
    if (count === 0) throw new Error(`${name}: nothing bright`);
    return { x: (left + sumX / count + 0.5) / ratio, y: (top + sumY / count + 0.5) / ratio };
  }, plane);
  const box = (await page.locator("#marks").boundingBox())!;
  return { x: box.x + middle.x, y: box.y + middle.y };
}

/** The events in a log. */
export async function eventsOf(log: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  return lines.slice(1).map((line) => JSON.parse(line) as Record<string, unknown>);
}
