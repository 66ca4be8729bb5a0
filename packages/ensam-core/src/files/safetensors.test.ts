import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeSafetensors, FileError, readSafetensors, readSafetensorsIfThere, writeSafetensors } from "./index.ts";
import { fixture } from "./testing/fixtures.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";

const tensors = {
  b: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  a: { shape: [3], data: new Float32Array(3) },
  z: { shape: [], data: Float64Array.of(7) },
  u: { shape: [1, 3], data: Uint8Array.of(1, 2, 3) },
  i: { shape: [2], data: Int32Array.of(1, -3) },
  e: { shape: [0, 4], data: new Float32Array(0) },
};

/** A file of this header and so many bytes of values. */
function made(header: unknown, size: number): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(size)]);
}

describe("safetensors", () => {
  test("has the very bytes of the Python package", () => {
    expect(
      Buffer.from(encodeSafetensors(tensors, { format: "pt" })).equals(
        readFileSync(fixture("python_0_8_0.safetensors")),
      ),
    ).toBe(true);
  });

  test("float32 tensors can be stored as halves: two bytes a value, read back rounded", () => {
    const exact = { w: { shape: [3], data: Float32Array.of(1, 1 / 3, -70_000) }, i: tensors.i };
    const bytes = encodeSafetensors(exact, {}, { half: true });
    const { tensors: read } = readSafetensors(bytes);
    // 1/3 = 0x3555 = 1365 / 4096; -70,000 is beyond the largest half, 65,504.
    expect(read).toEqual({ w: { shape: [3], data: Float32Array.of(1, 1365 / 4096, -Infinity) }, i: tensors.i });
    expect(encodeSafetensors(exact).length - bytes.length).toBe(6);
  });

  test("reads what the Python package wrote", () => {
    expect(readSafetensors(fixture("python_0_8_0.safetensors"))).toEqual({ tensors, metadata: { format: "pt" } });
  });

  test("comes back from a file as it was, header and values at multiples of 8", async () => {
    const path = join(temporaryFolder(), "model.safetensors");
    const metadata = { config: '{"name": "tiny"}', résumé: "é\n" };
    await writeSafetensors(path, tensors, metadata);
    expect(readSafetensors(path)).toEqual({ tensors, metadata });
    expect(Number(readFileSync(path).readBigUInt64LE(0)) % 8).toBe(0);
  });

  test("has equal bytes whatever the order of names", () => {
    const backwards = Object.fromEntries(Object.entries(tensors).reverse());
    expect(encodeSafetensors(backwards, { b: "2", a: "1" })).toEqual(encodeSafetensors(tensors, { a: "1", b: "2" }));
  });

  test("holds 64-bit integers as exact numbers", () => {
    const bytes = made({ n: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, 8);
    Buffer.from(bytes.buffer, bytes.byteOffset).writeBigInt64LE(-5n, bytes.length - 8);
    expect(readSafetensors(bytes).tensors).toEqual({ n: { shape: [1], data: Float64Array.of(-5) } });
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["seven bytes", new Uint8Array(7), /expected a safetensors file, got 7 bytes/],
    ["a header beyond the end", made({}, 0).subarray(0, 9), /expected a safetensors header inside the file/],
    ["a header that is no JSON", made("nonsense", 0), /expected a safetensors header in JSON, got "nonsense"/],
    [
      "values that are cut off",
      made({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 7),
      /expected 8 bytes of values, got 7/,
    ],
    [
      "values left over",
      made({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 9),
      /expected 8 bytes of values, got 9/,
    ],
    [
      "a wrong size",
      made({ a: { dtype: "F32", shape: [3], data_offsets: [0, 8] } }, 8),
      /a: expected 12 bytes for F32 of shape \[3\], got 8/,
    ],
    [
      "an overlap",
      made(
        { a: { dtype: "U8", shape: [4], data_offsets: [0, 4] }, b: { dtype: "U8", shape: [4], data_offsets: [2, 6] } },
        6,
      ),
      /b: expected a tensor that starts at byte 4, got 2/,
    ],
    [
      "a gap",
      made({ a: { dtype: "U8", shape: [4], data_offsets: [4, 8] } }, 8),
      /a: expected a tensor that starts at byte 0, got 4/,
    ],
    [
      "an unknown type",
      made({ a: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } }, 2),
      /a: expected dtype F64, I64, F32, I32, F16, U8, got BF16/,
    ],
    [
      "a missing field",
      made({ a: { dtype: "F32" } }, 0),
      /a: expected dtype, shape and data_offsets, got {"dtype":"F32"}/,
    ],
    ["metadata that are not text", made({ __metadata__: { n: 1 } }, 0), /expected metadata that maps text to text/],
  ])("with %s is refused", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(FileError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test("with any byte changed or cut gives tensors or a FileError, and nothing else", () => {
    const whole = encodeSafetensors(tensors, { format: "pt" });
    const property = fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
      try {
        readSafetensors(isCut ? whole.slice(0, at) : whole.with(at, value));
      } catch (error) {
        expect(error).toBeInstanceOf(FileError);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test("is undefined if it is not there, if only asked for: no file, a folder, a path through a file", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "model.safetensors");
    expect(readSafetensorsIfThere(path)).toBeUndefined();
    await writeSafetensors(path, tensors);
    expect(readSafetensorsIfThere(path)?.tensors).toEqual(tensors);
    expect(readSafetensorsIfThere(folder)).toBeUndefined();
    expect(readSafetensorsIfThere(join(path, "checkpoints"))).toBeUndefined();
  });

  test("names the file that is missing, and the shape that does not fit", () => {
    expect(() => readSafetensors(join(temporaryFolder(), "none.safetensors"))).toThrow(
      /none\.safetensors: expected a safetensors file that can be read, got no such file/,
    );
    expect(() => encodeSafetensors({ a: { shape: [2], data: new Float32Array(3) } })).toThrow(
      /a: expected 2 values for shape \[2\], got 3/,
    );
  });
});
