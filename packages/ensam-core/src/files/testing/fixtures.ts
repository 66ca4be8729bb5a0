import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of one of this room's fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export function jsonFixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(fixture(name), "utf8")) as Content;
}
