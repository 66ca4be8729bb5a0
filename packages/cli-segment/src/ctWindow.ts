import { type Window, windows } from "@ensam/core/voxels";

/** The window that a name or `width/level` in HU means, or undefined if it means none. */
export function parseWindow(text: string): Window | undefined {
  if (Object.hasOwn(windows, text)) return windows[text as keyof typeof windows];
  const match = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) return undefined;
  const [width, level] = [Number(match[1]), Number(match[2])];
  return width > 0 ? { width, level } : undefined;
}
