import { maskedCrc32c } from "./crc32c.ts";

/** A TFRecord: length (8 bytes), its checksum, data, its checksum; numbers little-endian. */
export function tfRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(12 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

/** The first event of a file. */
export function versionEvent(wallSeconds: number): Buffer {
  return Buffer.concat([doubleField(1, wallSeconds), bytesField(3, Buffer.from("brain.Event:2"))]);
}

/** An event with scalars: Event {wall_time = 1, step = 2, summary = 5}, Summary.Value {tag = 1, simple_value = 2}. */
export function scalarsEvent(
  wallSeconds: number,
  step: number,
  scalars: readonly (readonly [string, number])[],
): Buffer {
  const values = scalars.map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), floatField(2, value)])),
  );
  const parts = [doubleField(1, wallSeconds), varintField(2, step), bytesField(5, Buffer.concat(values))];
  return Buffer.concat(parts);
}

/** Wire types of protocol buffers. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | wire.fixed64;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = (field << 3) | wire.fixed32;
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | wire.varint]), varint(value)]);
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | wire.bytes]), varint(bytes.length), bytes]);
}

/** A whole number from 0 on in groups of seven bits, lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low | 128 : low);
  } while (left > 0);
  return Buffer.from(bytes);
}
