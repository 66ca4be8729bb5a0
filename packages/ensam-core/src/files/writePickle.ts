import type { ObjectArray, PickledValue } from "./pythonValues.ts";

/**
 * The bytes of a Python pickle, protocol 3, of a numpy object array, as `numpy.load(allow_pickle=True)` reads it in
 * numpy 1 and 2 (the older module name `numpy.core.multiarray` is known to both). Lists, dicts, text, whole numbers,
 * floats, True, False and None can be inside; a nested array cannot.
 */
export function writePickle(array: ObjectArray): Buffer {
  const out: Buffer[] = [];
  const dtype = reduceCall(
    ["numpy", "dtype"],
    [text("O8"), op.false, op.true],
    [integer(3), text("|"), op.none, op.none, op.none, integer(-1), integer(-1), integer(63)],
  );
  const objects = list(array.objects.map(encode));
  out.push(
    Buffer.from([0x80, 3]),
    reduceCall(
      ["numpy.core.multiarray", "_reconstruct"],
      [global("numpy", "ndarray"), tuple([integer(0)]), shortBytes("b")],
      [integer(1), tuple(array.shape.map(integer)), dtype, op.false, objects],
    ),
    op.stop,
  );
  return Buffer.concat(out);
}

const op = {
  stop: Buffer.from("."),
  none: Buffer.from("N"),
  true: Buffer.from([0x88]),
  false: Buffer.from([0x89]),
  mark: Buffer.from("("),
  tuple: Buffer.from("t"),
  emptyList: Buffer.from("]"),
  appends: Buffer.from("e"),
  emptyDict: Buffer.from("}"),
  setItems: Buffer.from("u"),
  reduce: Buffer.from("R"),
  build: Buffer.from("b"),
};

function encode(value: PickledValue): Buffer {
  if (value === null) return op.none;
  if (typeof value === "boolean") return value ? op.true : op.false;
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? integer(value) : float(value);
  if (Array.isArray(value)) return list(value.map(encode));
  if ("dtype" in value && "shape" in value) throw new RangeError("pickle: expected plain values, got a nested array");
  return dict(value as { readonly [key: string]: PickledValue });
}

/** f(*args) followed by its state, as `__reduce__` describes an object. */
function reduceCall(callee: readonly [string, string], args: readonly Buffer[], state: readonly Buffer[]): Buffer {
  return Buffer.concat([global(...callee), tuple(args), op.reduce, tuple(state), op.build]);
}

function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`, "latin1");
}

function tuple(items: readonly Buffer[]): Buffer {
  return Buffer.concat([op.mark, ...items, op.tuple]);
}

function list(items: readonly Buffer[]): Buffer {
  return Buffer.concat([op.emptyList, ...batches(items).flatMap((batch) => [op.mark, ...batch, op.appends])]);
}

function dict(entries: { readonly [key: string]: PickledValue }): Buffer {
  const items = Object.entries(entries).map(([key, value]) => Buffer.concat([text(key), encode(value)]));
  return Buffer.concat([op.emptyDict, ...batches(items).flatMap((batch) => [op.mark, ...batch, op.setItems])]);
}

/** Readers append a batch at once; Python's own pickler stops at 1000 too. */
function batches(items: readonly Buffer[]): Buffer[][] {
  return Array.from({ length: Math.ceil(items.length / 1000) }, (_, index) =>
    items.slice(index * 1000, (index + 1) * 1000),
  );
}

function integer(value: number): Buffer {
  if (value >= 0 && value < 256) return Buffer.from([0x4b, value]);
  const isInt32 = value >= -(2 ** 31) && value < 2 ** 31;
  const bytes = Buffer.alloc(isInt32 ? 5 : 10);
  if (isInt32) {
    bytes.write("J", "latin1");
    bytes.writeInt32LE(value, 1);
  } else {
    bytes.set([0x8a, 8]);
    bytes.writeBigInt64LE(BigInt(value), 2);
  }
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.write("G", "latin1");
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function text(value: string): Buffer {
  const content = Buffer.from(value, "utf8");
  const length = Buffer.alloc(5);
  length.write("X", "latin1");
  length.writeUInt32LE(content.length, 1);
  return Buffer.concat([length, content]);
}

function shortBytes(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x43, value.length]), Buffer.from(value, "latin1")]);
}
