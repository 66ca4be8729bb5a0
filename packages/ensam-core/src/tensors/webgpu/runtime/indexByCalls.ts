/**
 * WGSL code with `name[index]` as a call: `read_name(index)`, and `write_name(index, value)` where it is assigned to.
 * Other uses of the name, such as a pointer to it or an assignment to one component, stay as they are.
 */
export function indexByCalls(code: string, name: string): string {
  const found = new RegExp(`(?<![\\w.])${name}\\[`).exec(code);
  if (found === null) return code;
  const open = found.index + found[0].length;
  const close = closingBracket(code, open);
  const before = code.slice(0, found.index);
  const index = indexByCalls(code.slice(open, close), name);
  const rest = code.slice(close + 1);
  const assignment = /^\s*([-+*/]?)=(?!=)/.exec(rest);
  if (assignment === null) return `${before}read_${name}(${index})${indexByCalls(rest, name)}`;
  const end = rest.indexOf(";");
  const value = indexByCalls(rest.slice(assignment[0].length, end).trim(), name);
  const operator = assignment[1]!;
  const result = operator === "" ? value : `read_${name}(${index}) ${operator} (${value})`;
  return `${before}write_${name}(${index}, ${result})${indexByCalls(rest.slice(end), name)}`;
}

/** Where the bracket closes behind which `from` is. */
function closingBracket(code: string, from: number): number {
  let depth = 1;
  for (let i = from; i < code.length; i++) {
    if (code[i] === "[") depth++;
    if (code[i] === "]" && --depth === 0) return i;
  }
  throw new Error(`webgpu: expected every [ to be closed, got ${code.slice(from - 20, from + 20)}`);
}
