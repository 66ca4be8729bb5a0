import type { Box, Zyx } from "@ensam/core/geometry";
import type { ImageSession } from "../imageSession.ts";
import { HttpError } from "../viewerRequest.ts";

/** A prompt of 3D Slicer, in (z, y, x). */
export type ListedPrompt =
  | { readonly kind: "click"; readonly at: Zyx; readonly foreground: boolean }
  | { readonly kind: "box"; readonly box: Box };

/**
 * The prompts of an /infer request: its box, then the clicks inside, then those outside. Voxels are (i, j, k) of the
 * file, x fastest; a ROI is closed at both ends, and its pairs come in any order.
 *
 * @throws HttpError 400
 */
export function promptsOf({ foreground, background, roi }: Readonly<Record<string, unknown>>): ListedPrompt[] {
  const box = roi === undefined || roi === null || (Array.isArray(roi) && roi.length === 0) ? [] : [boxOf(roi)];
  return [...box, ...clicksOf("foreground", foreground, true), ...clicksOf("background", background, false)];
}

/**
 * Brings a session to a list of prompts and returns the order in which it was given them. What it knows already keeps
 * its place, behind the box, so that a new click is one new interaction; when one was taken away, or the box changed,
 * all are answered anew. The model is asked at the last of them.
 */
export async function giveAll(
  session: ImageSession,
  known: readonly ListedPrompt[],
  wanted: readonly ListedPrompt[],
): Promise<ListedPrompt[]> {
  const keys = new Map(wanted.map((prompt) => [keyOf(prompt), prompt]));
  const kept = known.filter((prompt) => keys.has(keyOf(prompt)));
  for (const prompt of kept) keys.delete(keyOf(prompt));
  const order = [...kept, ...keys.values()].sort((a, b) => Number(b.kind === "box") - Number(a.kind === "box"));
  const isMore = known.every((prompt, i) => order[i] !== undefined && keyOf(prompt) === keyOf(order[i]));
  const from = isMore ? known.length : 0;
  if (!isMore) await session.reset();
  try {
    for (let i = from; i < order.length; i++) {
      const prompt = order[i]!;
      const waits = i < order.length - 1;
      if (prompt.kind === "box") await session.box(prompt.box, waits);
      else await session.click(prompt.at, prompt.foreground, waits);
    }
  } catch (error) {
    await session.reset();
    throw error;
  }
  return order;
}

function keyOf(prompt: ListedPrompt): string {
  return JSON.stringify(prompt);
}

function clicksOf(where: string, value: unknown, foreground: boolean): ListedPrompt[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > 1000 || !value.every((point) => isWhole(point, 3))) {
    throw new HttpError(400, `${where}: expected a list of voxels [i, j, k], at most 1000`);
  }
  return (value as [number, number, number][]).map(([i, j, k]) => ({ kind: "click", at: [k, j, i], foreground }));
}

function boxOf(roi: unknown): ListedPrompt {
  if (!isWhole(roi, 6)) throw new HttpError(400, "roi: expected six whole numbers, i, j and k from and to");
  const low = (axis: number) => Math.min(roi[2 * axis]!, roi[2 * axis + 1]!);
  const high = (axis: number) => Math.max(roi[2 * axis]!, roi[2 * axis + 1]!) + 1;
  return { kind: "box", box: { min: [low(2), low(1), low(0)], max: [high(2), high(1), high(0)] } };
}

function isWhole(value: unknown, count: number): value is number[] {
  return Array.isArray(value) && value.length === count && value.every(Number.isSafeInteger);
}
