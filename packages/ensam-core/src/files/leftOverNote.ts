/** What to say where a file goes on after its voxels. */
export function leftOverNote(bytes: number): string[] {
  return bytes === 0 ? [] : [`${bytes} bytes follow the voxels in the file and are not read`];
}
