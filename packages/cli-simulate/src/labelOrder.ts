import type { LabelMap } from "@ensam/core/voxels";

/** The same label map in the smallest of uint8, uint16 and its own type. */
export function narrowLabels(labels: LabelMap): LabelMap {
  const { data, shape } = labels;
  if (data instanceof Uint8Array) return labels;
  let largest = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! > largest) largest = data[i]!;
  if (largest <= 0xff) return { data: Uint8Array.from(data), shape };
  return largest <= 0xffff ? { data: Uint16Array.from(data), shape } : labels;
}

/** The labels as numpy's `astype(uint8)` makes them, modulo 256; undefined where that changes nothing. */
export function wrappedLabels({ data, shape }: LabelMap): LabelMap | undefined {
  if (data instanceof Uint8Array || !data.some((label) => label > 0xff)) return undefined;
  return { data: Uint8Array.from(data, (label) => label & 0xff), shape };
}

/** 1, 2, ... become the first, second, ... of `order`; other values become background. */
export function labelsOfOrder(labels: LabelMap, order: readonly number[]): LabelMap {
  const data = new Int32Array(labels.data.length);
  for (let i = 0; i < data.length; i++) data[i] = order[labels.data[i]! - 1] ?? 0;
  return narrowLabels({ data, shape: labels.shape });
}

/** The first, second, ... of `order` become 1, 2, ...; other values become background. */
export function orderOfLabels(labels: LabelMap, order: readonly number[]): LabelMap {
  const positions = new Map(order.map((label, index) => [label, index + 1]));
  const data = new Int32Array(labels.data.length);
  for (let i = 0; i < data.length; i++) data[i] = positions.get(labels.data[i]!) ?? 0;
  return narrowLabels({ data, shape: labels.shape });
}
