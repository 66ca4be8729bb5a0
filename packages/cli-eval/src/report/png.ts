/** Returns a grey picture as a PNG data URI. */
export async function greyPng(data: Uint8Array, rows: number, columns: number): Promise<string> {
  const { PNG } = await import("pngjs");
  const grey = { colorType: 0, inputColorType: 0, inputHasAlpha: false } as const;
  const png = new PNG({ width: columns, height: rows, ...grey });
  png.data = Buffer.from(data);
  return `data:image/png;base64,${PNG.sync.write(png, grey).toString("base64")}`;
}
