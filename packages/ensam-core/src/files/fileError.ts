/** A file that cannot be read or written; the message is one line, `path: expected X, got Y`. */
export class FileError extends Error {
  override readonly name: string = "FileError";
  readonly path: string;

  constructor(path: string, expected: string, got: string, options?: ErrorOptions) {
    super(`${path}: expected ${expected}, got ${got}`.replace(/\s*\n\s*/g, " "), options);
    this.path = path;
  }
}

/** Returns `error` as a FileError about `path`; one that is a FileError already passes unchanged. */
export function asFileError(path: string, expected: string, error: unknown): FileError {
  if (error instanceof FileError) return error;
  return new FileError(path, expected, reasonOf(error), { cause: error });
}

/** The words for what went wrong, with the plain meaning of the system's commonest codes. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const meaning = code === undefined ? undefined : meanings[code];
  return meaning === undefined ? error.message : `${meaning} (${code})`;
}

const meanings: Record<string, string | undefined> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "a path through something that is not a folder",
  EEXIST: "a file where a folder should be",
  EISDIR: "a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "a read-only file system",
  ENOSPC: "a full disk",
  EDQUOT: "a full disk quota",
  EMFILE: "too many open files",
};
