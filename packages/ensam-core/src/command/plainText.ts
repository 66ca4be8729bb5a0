/** Everything a terminal may take for a command: control characters, but not the end of a line and the tabulator. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text as a terminal may have it: control characters of names, rows and other programs' words are written out (`\x1b`),
 * so that they can neither move the cursor nor change what is read.
 */
export function plainText(text: string): string {
  return text.replaceAll(controls, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
