import { type FileHandle, open } from "node:fs/promises";
import { lineSplitter } from "./lineSplitter.ts";

/** Whole lines that a file has got since the last reading. */
export interface NewLines {
  /** The file is another one, or was cut: the lines begin at its start. */
  readonly restarted: boolean;
  readonly lines: readonly string[];
  /** There is more to read at once. */
  readonly more: boolean;
}

export interface Follower {
  /** Undefined when nothing has come, or the file is not there (yet). */
  read(): Promise<NewLines | undefined>;
}

/** Bytes read at once, so that a long log does not hold up keys and frames. */
const chunkBytes = 1 << 20;
/** Bytes before the place reached that must still be the same for the file to be the same. */
const rememberedBytes = 64;
/** Follows a file that another process appends to, by byte offset; a last line without its end waits for the rest. */
export function followFile(path: string): Follower {
  let inode: number | undefined;
  let offset = 0;
  let lines = lineSplitter();
  let remembered: Buffer = Buffer.alloc(0);
  const forget = () => {
    [offset, lines, remembered] = [0, lineSplitter(), Buffer.alloc(0)];
  };

  const readFrom = async (file: FileHandle): Promise<NewLines | undefined> => {
    const { ino, size } = await file.stat();
    let restarted = false;
    if (inode !== undefined && (ino !== inode || size < offset || !(await endsWith(file, offset, remembered)))) {
      restarted = true;
      forget();
    }
    inode = ino;
    if (size === offset) return restarted ? { restarted, lines: [], more: false } : undefined;
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - offset));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    const bytes = buffer.subarray(0, bytesRead);
    offset += bytesRead;
    remembered = Buffer.concat([remembered, bytes.subarray(-rememberedBytes)]).subarray(-rememberedBytes);
    return { restarted, lines: lines.take(bytes), more: offset < size };
  };

  return {
    async read() {
      const file = await open(path).catch(() => undefined);
      if (file === undefined) return undefined;
      try {
        return await readFrom(file);
      } finally {
        await file.close();
      }
    },
  };
}

async function endsWith(file: FileHandle, offset: number, expected: Buffer): Promise<boolean> {
  if (expected.length === 0) return true;
  const buffer = Buffer.alloc(expected.length);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset - expected.length);
  return bytesRead === expected.length && buffer.equals(expected);
}
