import { type FileHandle, open, stat } from "node:fs/promises";
import { asFileError, FileError } from "../fileError.ts";
import { readZipMember, type ZipEntry } from "../readZip.ts";

/** Something with bytes: a file, a member of a zip archive, or what a deflated file holds. */
export interface ByteSource {
  /** For messages: the path, or archive and member. */
  readonly name: string;
  open(): Promise<OpenSource>;
}

export interface OpenSource {
  readonly size: number;
  /** Fills `target` from byte `position` on; rejects with a FileError where the source ends before. */
  fill(target: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

const readable = "a file that can be read";

export function fileSource(path: string): ByteSource {
  return {
    name: path,
    open: async () => {
      try {
        const status = await stat(path);
        if (!status.isFile()) throw new FileError(path, "a file", "something else");
        return openFile(path, await open(path, "r"), status.size);
      } catch (error) {
        throw asFileError(path, readable, error);
      }
    },
  };
}

/** A member of a zip archive, inflated anew each time it is opened. */
export function zipSource(archive: string, entry: ZipEntry): ByteSource {
  const name = `${archive}: ${entry.name}`;
  return { name, open: async () => openBytes(name, readZipMember(archive, entry)) };
}

export function openBytes(name: string, bytes: Uint8Array): OpenSource {
  return {
    size: bytes.length,
    fill: async (target, position) => {
      if (position + target.length > bytes.length) throw cutShort(name, position + target.length, bytes.length);
      target.set(bytes.subarray(position, position + target.length));
    },
    close: async () => {},
  };
}

function openFile(path: string, handle: FileHandle, size: number): OpenSource {
  const fill = async (target: Uint8Array, position: number): Promise<void> => {
    for (let done = 0; done < target.length; ) {
      const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
      if (bytesRead === 0) throw cutShort(path, position + target.length, position + done);
      done += bytesRead;
    }
  };
  return { size, fill, close: () => handle.close() };
}

function cutShort(name: string, wanted: number, got: number): FileError {
  return new FileError(name, `a DICOM file of at least ${wanted} bytes`, `one that ends after ${got}`);
}
