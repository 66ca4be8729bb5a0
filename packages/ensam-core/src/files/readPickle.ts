import { Parser } from "pickleparser";
import { decodeArray } from "./decodeArray.ts";
import { FileError, reasonOf } from "./fileError.ts";
import { PickleReader } from "./pickleReader.ts";
import type { NpyValue, PickledValue } from "./pythonValues.ts";

/** How deep lists and dicts may lie in one another, and how many values they may unfold to, for each byte of the pickle. */
const deepest = 500;
const valuesPerByte = 16;

/**
 * The value in a Python pickle. Nothing that a pickle names is run: of all globals only numpy's array, dtype and scalar
 * are known, and any other is a FileError that names it. Lists that share one another are unfolded, within a budget: a
 * few hundred bytes can mean billions of values. `where` names the member in errors.
 */
export function readPickle(where: string, bytes: Uint8Array): PickledValue {
  const unfolding = new Unfolding(where, valuesPerByte * bytes.length);
  const parser = new Parser({
    unpicklingTypeOfDictionary: "Map",
    nameResolver: { resolve: (module, name) => resolveGlobal(where, unfolding, module, name) },
  });
  try {
    return unfolding.settle(parser.read(new PickleReader(bytes)));
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(where, "a pickle that can be read", reasonOf(error), { cause: error });
  }
}

type Builder = (...args: unknown[]) => unknown;

function resolveGlobal(where: string, unfolding: Unfolding, module: string, name: string): Builder {
  if (module === "numpy") {
    if (name === "dtype") return (descr) => new PickledDtype(where, descr);
    if (name === "ndarray") return () => new PickledArray(where, unfolding);
  }
  if (module === "numpy.core.multiarray" || module === "numpy._core.multiarray") {
    if (name === "_reconstruct") return () => new PickledArray(where, unfolding);
    if (name === "scalar") return (dtype, bytes) => scalar(where, dtype, bytes);
  }
  throw new FileError(
    where,
    "a pickle of numpy arrays, dicts, lists, text and numbers",
    `the global ${module}.${name}`,
  );
}

/** numpy's dtype as its pickle builds it: dtype("i8", False, True), then a state whose second item is the byte order. */
class PickledDtype {
  readonly where: string;
  readonly type: string;
  order = "|";

  constructor(where: string, type: unknown) {
    if (typeof type !== "string") throw new FileError(where, "a pickled dtype's name", String(type));
    this.where = where;
    this.type = type;
  }

  __setstate__(state: unknown): void {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (order !== "<" && order !== ">" && order !== "|" && order !== "=") {
      throw new FileError(this.where, "a pickled dtype's byte order", String(order));
    }
    this.order = order;
  }

  get isObject(): boolean {
    return this.type.startsWith("O");
  }

  get descr(): string {
    return this.order + this.type;
  }
}

/** numpy's array as its pickle builds it; the state is (version, shape, dtype, isFortran, raw bytes or a list of objects). */
class PickledArray {
  readonly where: string;
  readonly unfolding: Unfolding;
  value: NpyValue | undefined;

  constructor(where: string, unfolding: Unfolding) {
    this.where = where;
    this.unfolding = unfolding;
  }

  __setstate__(state: unknown): void {
    const [, shape, dtype, isFortran, content] = Array.isArray(state) ? (state as unknown[]) : [];
    const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
    if (!isShape || !(dtype instanceof PickledDtype)) {
      throw new FileError(this.where, "a pickled array's shape and dtype", "another state");
    }
    if (!dtype.isObject) {
      if (!(content instanceof Uint8Array)) throw new FileError(this.where, "a pickled array's bytes", typeof content);
      this.value = decodeArray(this.where, dtype.descr, shape, isFortran === true, asBuffer(content));
      return;
    }
    const count = shape.reduce((product: number, length: number) => product * length, 1);
    if (!Array.isArray(content) || content.length !== count) {
      throw new FileError(
        this.where,
        `${count} pickled objects`,
        Array.isArray(content) ? `${content.length}` : "none",
      );
    }
    if (isFortran === true && shape.length > 1) {
      throw new FileError(this.where, "a pickled object array in C order", "Fortran order");
    }
    this.value = { dtype: "|O", shape, objects: content.map((item) => this.unfolding.settle(item)) };
  }
}

function scalar(where: string, dtype: unknown, bytes: unknown): PickledValue {
  if (!(dtype instanceof PickledDtype) || !(bytes instanceof Uint8Array)) {
    throw new FileError(where, "a pickled numpy scalar's dtype and bytes", "something else");
  }
  const array = decodeArray(where, dtype.descr, [], false, asBuffer(bytes));
  if ("text" in array) return array.text[0]!;
  return dtype.type.startsWith("b") ? array.data[0] === 1 : array.data[0]!;
}

/** Turns what the parser built into plain values: Maps into objects without prototype, arrays into their values. */
class Unfolding {
  private readonly where: string;
  private left: number;

  constructor(where: string, most: number) {
    this.where = where;
    this.left = most;
  }

  settle(value: unknown, depth = 0): PickledValue {
    if (--this.left < 0 || depth > deepest) {
      const got =
        depth > deepest ? "lists in lists without end" : "lists that share one another and unfold without end";
      throw new FileError(this.where, "a pickle of bounded size", got);
    }
    if (isScalar(value)) return value;
    if (value instanceof PickledArray && value.value) return value.value;
    if (Array.isArray(value)) return value.map((item) => this.settle(item, depth + 1));
    if (value instanceof Map) return this.dict(value, depth);
    if (isNpyValue(value)) return value;
    throw new FileError(this.where, "a pickle of numpy arrays, dicts, lists, text and numbers", typeof value);
  }

  private dict(map: Map<unknown, unknown>, depth: number): PickledValue {
    const entries = [...map].map(([key, item]): [string, PickledValue] => {
      if (!isScalar(key)) throw new FileError(this.where, "text or numbers as a pickled dict's keys", typeof key);
      return [String(key), this.settle(item, depth + 1)];
    });
    return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
  }
}

function isScalar(value: unknown): value is null | boolean | number | string {
  return value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string";
}

function isNpyValue(value: unknown): value is NpyValue {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
