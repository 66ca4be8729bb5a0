/** "int16" for numpy's "i2". */
export function typeName(type: string): string {
  const kind = { u: "uint", i: "int", f: "float" }[type[0]!] ?? "";
  return kind + 8 * Number(type.slice(1));
}
