/** A word quoted where a shell would not take it literally; `{rank}` and the like stay as they are. */
export function shellWord(word: string): string {
  return /^(?:[\w@%+=:,./-]|\{\w+\})+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
