import { randomUUID } from "node:crypto";
import type { WrittenDataset, WrittenElement } from "./encodeElements.ts";

export function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
}

export function text(tag: number, vr: string, value: string): WrittenElement {
  return { tag, vr, value };
}

export function numbers(tag: number, vr: string, ...value: number[]): WrittenElement {
  return { tag, vr, value };
}

export function bytes(tag: number, vr: string, value: readonly number[]): WrittenElement {
  return { tag, vr, value: Uint8Array.from(value) };
}

export function sequence(tag: number, ...items: readonly WrittenDataset[]): WrittenElement {
  return { tag, vr: "SQ", value: items };
}
