/**
 * Something that does not fit into a device's memory: what it needs and the limit, in bytes. The one class with exit
 * code 5.
 */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
  readonly exitCode = 5;
  readonly neededBytes: number;
  readonly limitBytes: number;

  constructor(message: string, { neededBytes, limitBytes }: { neededBytes: number; limitBytes: number }) {
    super(message);
    this.neededBytes = neededBytes;
    this.limitBytes = limitBytes;
  }
}

/** Bytes in MiB, for messages. */
export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
