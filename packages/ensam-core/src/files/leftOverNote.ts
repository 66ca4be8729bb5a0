import type { Note } from "./imageFile.ts";

/** What to say where a file goes on after its voxels: the header may not mean what it says. */
export function leftOverNote(bytes: number): Note[] {
  return bytes === 0 ? [] : [{ doubt: `${bytes} bytes follow the voxels in the file and are not read` }];
}
