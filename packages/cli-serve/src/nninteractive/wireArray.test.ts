import { expect, test } from "vitest";
import { clientArrays } from "../testing/clientArrays.ts";
import { HttpError } from "../viewerRequest.ts";
import { decodeWireArray, encodeWireArray, voxelsOf } from "./wireArray.ts";

const limit = 2 ** 20;
const read = (hex: string, most = limit) => decodeWireArray(Buffer.from(hex, "hex"), most);

test("arrays as the real client writes them: stored, zstd, shuffled streams, runs", () => {
  const one = read(clientArrays.oneVoxel);
  expect({ ...one, bytes: [...one.bytes] }).toEqual({ dtype: "uint8", shape: [1, 1, 1], bytes: [1] });
  const slice = read(clientArrays.oneSlice);
  expect(slice.shape).toEqual([3, 4, 5]);
  expect([...voxelsOf(slice)]).toEqual(Array.from({ length: 60 }, (_, i) => Number(i >= 20 && i < 40)));
  const steps = read(clientArrays.steps);
  expect(steps).toMatchObject({ dtype: "int16", shape: [1, 4, 8, 8] });
  expect(voxelsOf(steps)).toEqual(Int16Array.from({ length: 256 }, (_, i) => i >> 4));
  const ramp = read(clientArrays.ramp);
  expect(ramp.shape).toEqual([1, 4, 4, 4]);
  expect(voxelsOf(ramp)).toEqual(Float32Array.from({ length: 64 }, (_, i) => i));
});

test("what is written has the header that blosc2 writes for stored bytes, and is read again", () => {
  const array = { dtype: "uint16", shape: [2, 1, 2], bytes: Uint8Array.of(1, 0, 0, 0, 1, 0, 1, 0) };
  const bytes = encodeWireArray(array);
  expect(bytes.toString("hex")).toBe(
    `4e4e494101010306${Buffer.from("uint16").toString("hex")}020000000000000001000000000000000200000000000000` +
      `0100000008000000000000002800000000000000` +
      `050197020800000008000000280000000000000000000000000000000000000001000000` +
      `01000100`,
  );
  expect(decodeWireArray(bytes, limit)).toEqual(array);
});

/** The client's array with bytes in the place of others. */
function patched(hex: string, at: number, bytes: readonly number[]): string {
  const copy = Buffer.from(hex, "hex");
  copy.set(bytes, at);
  return copy.toString("hex");
}

test("damaged arrays are refused by what is wrong with them", () => {
  const refused = (hex: string, most = limit) => {
    try {
      read(hex, most);
    } catch (error) {
      expect(error).toBeInstanceOf(HttpError);
      return `${(error as HttpError).status} ${(error as Error).message}`;
    }
    return "taken";
  };
  const { oneVoxel, oneSlice } = clientArrays;
  expect(refused("")).toMatch(/^400 array: expected a header/);
  expect(refused(patched(oneVoxel, 5, [2]))).toBe("400 array: expected codec 1 (zstd), got 2");
  expect(refused(patched(oneVoxel, 8, [0x78]))).toMatch(/^400 array: expected one of bool,uint8/);
  expect(refused(patched(oneVoxel, 13, [0]))).toMatch(/^400 array: expected voxels along each axis/);
  expect(refused(patched(oneVoxel, 13, [0, 0, 0, 0, 1]))).toMatch(/^413 array: expected at most 1 MiB unpacked/);
  expect(refused(`${oneVoxel}00`)).toMatch(/^400 array: expected 1 bytes and then the end, got 1 and 1 more/);
  expect(refused(oneVoxel.slice(0, -2))).toMatch(/^400 array: expected a chunk, got the end/);
  const chunk = 8 + 5 + 24 + 4 + 16;
  expect(refused(patched(oneSlice, chunk + 16, [3]))).toMatch(/^400 array: expected no filter or a byte shuffle/);
  // The frame's content size, and the frame's block taken for an empty one: neither gives voxels in silence.
  const frame = chunk + 32 + 4 + 4;
  expect(Buffer.from(oneSlice, "hex").readUInt32LE(frame)).toBe(0xfd2fb528);
  expect(refused(patched(oneSlice, frame + 5, [0xff]))).toMatch(/^400 array: expected one zstd frame of 60 bytes/);
  const rle = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x3c, 0x0b, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  expect(refused(patched(oneSlice, frame, rle))).toMatch(/^400 array: expected one zstd frame/);
});

test("a zstd frame with fewer bytes than it states is refused, whatever they are", () => {
  // One block of one repeated byte, once (RLE), where the header says 60.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 60, 0x0b, 0, 0, 0xa5]);
  const head = Buffer.from(clientArrays.oneSlice, "hex").subarray(0, 8 + 5 + 24 + 4);
  const chunk = Buffer.alloc(40 + frame.length);
  chunk.set([5, 1, 0x95, 1]);
  chunk.writeInt32LE(60, 4);
  chunk.writeInt32LE(60, 8);
  chunk.writeInt32LE(chunk.length, 12);
  chunk.writeInt32LE(36, 32);
  chunk.writeInt32LE(frame.length, 36);
  chunk.set(frame, 40);
  const sizes = Buffer.alloc(16);
  sizes.writeUInt32LE(60, 0);
  sizes.writeUInt32LE(chunk.length, 8);
  const whole = Buffer.concat([head, sizes, chunk]);
  expect(() => decodeWireArray(whole, limit)).toThrow("expected 60 bytes in a zstd frame, got fewer");
  // The same frame with a whole block is taken.
  whole.set([0xe3, 0x01, 0], whole.length - 4);
  expect([...decodeWireArray(whole, limit).bytes]).toEqual(new Array(60).fill(0xa5));
});
