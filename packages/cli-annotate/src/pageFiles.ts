import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { InputError } from "@ensam/core/command";
import { HttpError, type PageReply } from "./server.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The built page, beside the compiled sources. */
const folder = new URL("../dist/page/", import.meta.url);

/** Refuses to start without the page, which the build makes. */
export function expectPage(): void {
  if (existsSync(new URL("index.html", folder))) return;
  throw new InputError("annotate: expected the built page, found none (make setup, or pnpm run build:page)");
}

/** A file of the built page. Only plain names exist there, so no path can lead out of it. */
export async function pageFile(path: string): Promise<PageReply> {
  const name = path === "" ? "index.html" : path;
  const type = types[extname(name)];
  if (!/^(assets\/)?[\w.-]+$/.test(name) || type === undefined)
    throw new HttpError(404, `expected a file of the page, got ${name}`);
  try {
    return { type, body: await readFile(new URL(name, folder)) };
  } catch {
    throw new HttpError(404, `expected a file of the page, got ${name}`);
  }
}
