import { BufferReader } from "pickleparser";

const longOpcode = 0x8a;
const bigLongOpcode = 0x8b;

/**
 * pickleparser's reader of bytes, with a guard: the parser takes Python integers beyond 32 bits for unsigned and loses
 * digits beyond 2^53, so those it would get wrong are an Error here.
 */
export class PickleReader extends BufferReader {
  private opcode = 0;
  private last = 0;

  override byte(): number {
    this.opcode = this.last;
    this.last = super.byte();
    return this.last;
  }

  override uint32(): number {
    if (this.last === bigLongOpcode) throw new Error("an integer beyond 2^53");
    this.last = 0; // A length in more than one byte follows no LONG1.
    return super.uint32();
  }

  override int32(): number {
    this.last = 0;
    return super.int32();
  }

  override uint64(): number {
    this.last = 0;
    return super.uint64();
  }

  override bytes(length: number): Uint8Array {
    const bytes = super.bytes(length) as Uint8Array;
    if (this.opcode !== longOpcode || this.last !== length || length === 0) return bytes;
    if (bytes[length - 1]! >= 0x80) throw new Error("a negative integer beyond 32 bits");
    if (bytes.subarray(6).some((byte, index) => byte >= (index === 0 ? 0x20 : 1)))
      throw new Error("an integer beyond 2^53");
    return bytes;
  }
}
