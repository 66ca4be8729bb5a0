import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileError, type NpyValue, npyArray, type PickledValue, readNpz, writeNpz } from "./index.ts";
import { readPickle } from "./readPickle.ts";
import { fixture, jsonFixture } from "./testing/fixtures.ts";
import { temporaryFolder } from "./testing/temporaryFolder.ts";
import { encodeNpy } from "./writeNpy.ts";
import { checkZipSize } from "./writeZip.ts";

interface ExpectedMember {
  readonly descr: string;
  readonly shape: number[];
  readonly values: unknown;
}

/** All values in C order, as a flat list; objects as they are. */
function flat(value: NpyValue): unknown[] {
  if ("objects" in value) return [...value.objects];
  return "text" in value ? [...value.text] : Array.from(value.data);
}

const expected = jsonFixture<Record<string, Record<string, ExpectedMember>>>("npz/expected.json");

describe("archives that numpy wrote", () => {
  test.each(Object.keys(expected))("%s: every value is exact", async (file) => {
    const archive = await readNpz(fixture(`npz/${file}`));
    expect(archive.keys()).toEqual(Object.keys(expected[file]!));
    for (const [key, member] of Object.entries(expected[file]!)) {
      const value = archive.get(key);
      expect([...value.shape]).toEqual(member.shape);
      expect(value.dtype).toBe(member.descr.replace(">", "<"));
      const values =
        member.shape.length === 0 ? [member.values] : (member.values as unknown[]).flat(member.shape.length - 1);
      expect(flat(value)).toEqual(member.descr === "|b1" ? values.map(Number) : values);
    }
  });

  test("only the member that is asked for is read", async () => {
    const path = join(temporaryFolder(), "damaged.npz");
    const bytes = readFileSync(fixture("npz/numpy2_boxes_clicks.npz"));
    bytes.fill(0xff, 60, 100); // Inside the first member, imgs.
    writeFileSync(path, bytes);
    const archive = await readNpz(path);
    expect(Array.from(archive.numbers("spacing").data)).toEqual([1, 1, 2]);
    expect(() => archive.get("imgs")).toThrow(/damaged\.npz: imgs\.npy: expected an undamaged zip archive, got /);
  });
});

describe("archives that we write", () => {
  test("every numeric type comes back as it was", async () => {
    const path = join(temporaryFolder(), "types.npz");
    const arrays = [
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
    ].map((Type) => {
      return npyArray(Type.from([0, 1, 2, 100, 101, 127]), [1, 2, 3]);
    });
    await writeNpz(path, Object.fromEntries(arrays.map((array) => [array.dtype, array])));
    const archive = await readNpz(path);
    for (const array of arrays) expect(archive.get(array.dtype)).toEqual(array);
  });

  test("objects and text come back as they were", async () => {
    const path = join(temporaryFolder(), "objects.npz");
    const value = fc.letrec<{ value: PickledValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constant(null),
        fc.boolean(),
        fc.string({ unit: "grapheme" }),
        fc.integer(),
        fc.constantFrom(2 ** 31, -(2 ** 31), 255, 256, -1, 65536, 2 ** 40, 0.5, -1e300),
        fc.array(tie("value")),
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          tie("value"),
          { noNullPrototype: false },
        ),
      ),
    })).value;
    const property = fc.asyncProperty(
      fc.array(value, { minLength: 1 }),
      fc.array(fc.stringMatching(/^[a-zéü€]{0,3}$/), { minLength: 1 }),
      async (objects, text) => {
        const members: Record<string, NpyValue> = {
          o: { dtype: "|O", shape: [objects.length], objects },
          t: { dtype: "<U3", shape: [text.length], text },
        };
        await writeNpz(path, members);
        const archive = await readNpz(path);
        expect(archive.get("o")).toEqual(members.o);
        expect(archive.get("t")).toEqual(members.t);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test("a long list of objects is not too long", async () => {
    const path = join(temporaryFolder(), "long.npz");
    const objects = Array.from({ length: 150_000 }, (_, index) => index);
    await writeNpz(path, { o: { dtype: "|O", shape: [objects.length], objects } });
    expect((await readNpz(path)).get("o")).toEqual({ dtype: "|O", shape: [150_000], objects });
  });

  test("equal content gives equal bytes, and headers are padded to 64", async () => {
    const folder = temporaryFolder();
    const members = { imgs: npyArray(new Uint8Array(24), [2, 3, 4]) };
    await writeNpz(join(folder, "a.npz"), members);
    await writeNpz(join(folder, "b.npz"), members);
    expect(readFileSync(join(folder, "a.npz")).equals(readFileSync(join(folder, "b.npz")))).toBe(true);
    expect(encodeNpy(members.imgs)[0]!.length % 64).toBe(0);
  });

  test("64-bit integers are written as such", async () => {
    const path = join(temporaryFolder(), "wide.npz");
    const wide = { dtype: "<i8", shape: [2], data: Float64Array.of(-(2 ** 40), 2 ** 53 - 1) };
    await writeNpz(path, { wide });
    expect((await readNpz(path)).get("wide")).toEqual(wide);
  });

  test("4 GiB are refused, one byte less is not", () => {
    expect(() => checkZipSize("big.npz", 2 ** 32 - 1)).toThrow(
      /big\.npz: expected less than 4 GiB .* got 4294967295 bytes/,
    );
    expect(() => checkZipSize("big.npz", 2 ** 32 - 2)).not.toThrow();
  });
});

describe("what is not an npz archive", () => {
  test.each([
    ["nothing", Buffer.alloc(0), /expected a zip archive, got an empty file$/],
    ["text", Buffer.from("case,dsc\n"), /expected a zip archive, got something else$/],
    ["one byte", Buffer.from("P"), /expected a zip archive, got something else$/],
    ["half an archive", readFileSync(fixture("npz/dtypes.npz")).subarray(0, 700), /got one that is cut off/],
  ])("%s is refused in one line", async (_, bytes, message) => {
    const path = join(temporaryFolder(), "case.npz");
    writeFileSync(path, bytes);
    const error = await readNpz(path).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FileError);
    expect((error as Error).message).toMatch(message);
  });

  test("a missing file, a folder and a missing key are named", async () => {
    const folder = temporaryFolder();
    await expect(readNpz(join(folder, "none.npz"))).rejects.toThrow(
      /none\.npz: expected a zip archive that can be read, got no such file/,
    );
    await expect(readNpz(folder)).rejects.toThrow(/expected a zip archive that can be read, got a folder$/);
    const archive = await readNpz(fixture("npz/stored_uncompressed.npz"));
    expect(() => archive.get("boxes")).toThrow(
      /stored_uncompressed\.npz: expected the key "boxes", got imgs, gts, spacing$/,
    );
    expect(() => archive.numbers("boxes")).toThrow(FileError);
  });

  test("a flipped bit in a member that is not compressed is found by its checksum", async () => {
    const path = join(temporaryFolder(), "case.npz");
    const bytes = readFileSync(fixture("npz/stored_uncompressed.npz"));
    const at = bytes.indexOf(Buffer.of(100, 100, 100)); // A row of the cube in imgs.
    bytes[at] = 101;
    writeFileSync(path, bytes);
    const archive = await readNpz(path);
    expect(() => archive.get("imgs")).toThrow(
      /imgs\.npy: expected an undamaged zip archive, got bytes that do not match their checksum$/,
    );
  });

  test("any flipped or missing byte gives the values, or a FileError, and nothing else", async () => {
    const path = join(temporaryFolder(), "case.npz");
    const whole = readFileSync(fixture("npz/numpy2_order_with_none.npz"));
    const property = fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, flip, isCut) => {
        const bytes = isCut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!isCut) bytes[at] = bytes[at]! ^ flip;
        writeFileSync(path, bytes);
        try {
          const archive = await readNpz(path);
          for (const key of archive.keys()) archive.get(key);
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
        }
      },
    );
    await fc.assert(property, { numRuns: 400 });
  });
});

describe("zip archives of other makers", () => {
  test("a Zip64 directory is followed", async () => {
    const path = join(temporaryFolder(), "zip64.npz");
    const whole = readFileSync(fixture("npz/stored_uncompressed.npz"));
    const end = whole.length - 22;
    const [count, size, offset] = [
      whole.readUInt16LE(end + 10),
      whole.readUInt32LE(end + 12),
      whole.readUInt32LE(end + 16),
    ];
    const record = Buffer.alloc(56);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(44n, 4);
    for (const [value, at] of [
      [count, 24],
      [count, 32],
      [size, 40],
      [offset, 48],
    ] as const)
      record.writeBigUInt64LE(BigInt(value), at);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(end), 8);
    const tail = Buffer.from(whole.subarray(end));
    tail.fill(0xff, 8, 20);
    writeFileSync(path, Buffer.concat([whole.subarray(0, end), record, locator, tail]));
    const archive = await readNpz(path);
    expect(archive.keys()).toEqual(["imgs", "gts", "spacing"]);
    expect(Array.from(archive.numbers("spacing").data)).toEqual([1, 1, 2]);
  });
});

/** An npz archive of one npy member with this header text and payload; checksums and all. */
async function withNpy(descr: string, shape: string, payload: Uint8Array): Promise<NpyValue> {
  const path = join(temporaryFolder(), "made.npz");
  const [header] = encodeNpy(npyArray(new Uint8Array(0), [0])) as [Buffer];
  const text = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`.padEnd(header.length - 11);
  const npy = Buffer.concat([header.subarray(0, 10), Buffer.from(`${text}\n`, "latin1"), payload]);
  const { writeZip } = await import("./writeZip.ts");
  await writeZip(path, { "made.npy": [npy] });
  return (await readNpz(path)).get("made");
}

describe("types and pickles", () => {
  test("half floats are read: 1, -2, the smallest, infinity", async () => {
    const value = await withNpy("'<f2'", "(4,)", new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00).buffer));
    expect(flat(value)).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY]);
  });

  test("a 64-bit integer beyond 2^53 is an error that says where", async () => {
    const payload = new Uint8Array(BigInt64Array.of(1n, 2n ** 53n).buffer);
    await expect(withNpy("'<i8'", "(2,)", payload)).rejects.toThrow(
      /made: expected integers of at most 2\^53, got 9007199254740992 at flat index 1/,
    );
  });

  test("records, complex numbers and wrong lengths are refused", async () => {
    await expect(withNpy("'<c8'", "(1,)", new Uint8Array(8))).rejects.toThrow(/got dtype <c8/);
    await expect(withNpy("[('a', '<i4')]", "(1,)", new Uint8Array(4))).rejects.toThrow(/got dtype \[\('a', '<i4'\)\]/);
    await expect(withNpy("'<i4'", "(2,)", new Uint8Array(7))).rejects.toThrow(
      /expected 8 bytes for shape \[2\] of <i4, got 7/,
    );
  });

  test("a pickle that names anything but numpy's own is refused, and not run", async () => {
    const evil = Buffer.from("\x80\x03cposix\nsystem\nX\x02\x00\x00\x00id\x85R.", "latin1");
    await expect(withNpy("'|O'", "()", evil)).rejects.toThrow(
      /made: expected a pickle of numpy arrays, .* got the global posix\.system/,
    );
    const builtin = Buffer.from("\x80\x03cbuiltins\neval\nX\x01\x00\x00\x001\x85R.", "latin1");
    await expect(withNpy("'|O'", "()", builtin)).rejects.toThrow(/got the global builtins\.eval/);
  });

  test("Python integers are exact, or refused where they would not be", async () => {
    const long = (...bytes: number[]): Uint8Array => Buffer.from([0x80, 3, 0x8a, bytes.length, ...bytes, 0x2e]);
    const read = (pickle: Uint8Array): PickledValue => readPickle("boxes", pickle);
    expect(read(long(0, 0, 0, 0, 1))).toBe(2 ** 32);
    expect(read(long(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f))).toBe(2 ** 53 - 1);
    expect(() => read(long(0, 0, 0, 0, 0, 0, 0x20))).toThrow(
      /boxes: expected a pickle that can be read, got an integer beyond 2\^53$/,
    );
    const text = Buffer.from(`\x80\x03]K\x8aX\x58\0\0\0${"n".repeat(88)}\x86.`, "latin1"); // (138, "nnn..."): no long in it
    expect(read(text)).toEqual([138, "n".repeat(88)]);
    expect(() => read(long(0, 0, 0, 0, 0xfe))).toThrow(/got a negative integer beyond 32 bits$/);
  });

  test("lists that share one another stay within a budget: 30 levels of [a, a] are 2^30 values in 200 bytes", () => {
    // ] q n: an empty list, kept as n; h n h n: it twice; \x86 makes a pair of both.
    const level = (index: number): string =>
      `h${String.fromCharCode(index)}h${String.fromCharCode(index)}\x86q${String.fromCharCode(index + 1)}0`;
    const pickle = (levels: number): Buffer =>
      Buffer.from(
        `\x80\x03]q\x000${Array.from({ length: levels }, (_, index) => level(index)).join("")}h${String.fromCharCode(levels)}.`,
        "latin1",
      );
    expect(readPickle("made", pickle(3))).toEqual([
      [
        [[], []],
        [[], []],
      ],
      [
        [[], []],
        [[], []],
      ],
    ]);
    expect(pickle(30).length).toBeLessThan(250);
    expect(() => readPickle("made", pickle(30))).toThrow(
      /made: expected a pickle of bounded size, got lists that share one another and unfold without end$/,
    );
    const itself = Buffer.from("\x80\x03]q\x00h\x00a.", "latin1");
    expect(() => readPickle("made", itself)).toThrow(/made: expected a pickle of bounded size, got lists /);
    const asKey = Buffer.from("\x80\x03}(]K\x01u.", "latin1");
    expect(() => readPickle("made", asKey)).toThrow(/expected text or numbers as a pickled dict's keys, got object$/);
  });

  test("a deflate bomb is stopped at the length the directory gives", async () => {
    const path = join(temporaryFolder(), "bomb.npz");
    await writeNpz(path, { imgs: npyArray(new Uint8Array(100_000), [100_000]) });
    const bytes = readFileSync(path);
    const bomb = deflateRawSync(Buffer.alloc(50_000_000), { level: 9 });
    const at = bytes.readUInt16LE(26) + 30;
    const packed = bytes.readUInt32LE(bytes.indexOf("PK\x01\x02", 0, "latin1") + 20);
    const stretched = Buffer.concat([bytes.subarray(0, at), bomb, bytes.subarray(at + packed)]);
    const directory = stretched.lastIndexOf("PK\x01\x02", undefined, "latin1");
    stretched.writeUInt32LE(bomb.length, directory + 20);
    stretched.writeUInt32LE(directory, stretched.length - 6);
    writeFileSync(path, stretched);
    const archive = await readNpz(path);
    expect(() => archive.get("imgs")).toThrow(/got a deflate stream that cannot be read/);
  });
});
