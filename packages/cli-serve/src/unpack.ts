import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { HttpError } from "./viewerRequest.ts";

const inflate = promisify(gunzip);

/** The bytes of a gzip file, at most `limit` of them. @throws HttpError 400, or 413 for more */
export async function unpacked(what: string, bytes: Buffer, limit: number): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new HttpError(413, `${what}: expected at most ${limit} bytes unpacked (--max-image), got more`);
    }
    throw new HttpError(400, `${what}: expected gzip, got other bytes`);
  }
}
