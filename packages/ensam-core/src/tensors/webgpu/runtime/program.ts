import { indexByCalls } from "./indexByCalls.ts";

/** Element types of a buffer in WGSL. */
export type ElementType = "f32" | "vec4f" | "u32";
export const bytesOf: Readonly<Record<ElementType, number>> = { f32: 4, u32: 4, vec4f: 16 };
/** Types of a kernel's parameters. */
export type ParameterType = "u32" | "i32" | "f32";

/** A compute shader with what it reads, writes and is told. */
export interface Program {
  /** Names the program; two with the same key must be the same. */
  readonly key: string;
  readonly reads: Readonly<Record<string, ElementType>>;
  readonly writes: Readonly<Record<string, ElementType>>;
  /** Fields of `p` in the code, in this order. */
  readonly parameters: Readonly<Record<string, ParameterType>>;
  readonly threads: number;
  /** Directives of WGSL that the code needs, such as `enable f16`. */
  readonly directives?: readonly string[];
  /** Declarations outside of the main function. */
  readonly declarations?: string;
  /**
   * The body of the main function. It knows `group` (vec3u, the workgroup), `local` (u32, the thread within it),
   * `index` (u32, the thread within all workgroups, counted along x first) and `p`. Buffers are read as `name[i]` and
   * written as
   * `name[i] = value`, here and in the declarations: see `Split`.
   */
  readonly body: string;
}

/** In how many parts each buffer lies, by name, and the bytes of all parts but the last, a power of two. */
export interface Split {
  readonly parts: Readonly<Record<string, number>>;
  readonly partBytes: number;
}

/** The whole text of a program in WGSL. A buffer in several parts has a binding for each, and is indexed by calls. */
export function shaderOf(program: Program, split?: Split): string {
  const { reads, writes, parameters, threads, directives = [], declarations = "", body } = program;
  const buffers = [
    ...Object.entries(reads).map(([name, type]) => ({ name, type, access: "read" })),
    ...Object.entries(writes).map(([name, type]) => ({ name, type, access: "read_write" })),
  ];
  const divided = buffers.filter(({ name }) => split !== undefined && split.parts[name]! > 1);
  const bindings = buffers.flatMap(({ name, type, access }) =>
    namesOf(name, split?.parts[name]).map((part) => `var<storage, ${access}> ${part}: array<${type}>;`),
  );
  const fields = Object.entries(parameters).map(([name, type]) => `${name}: ${type},`);
  const indexed = (code: string) => divided.reduce((text, { name }) => indexByCalls(text, name), code);
  return `${directives.map((directive) => `${directive};`).join("\n")}
struct Parameters { ${fields.join(" ")} }
${[...bindings, "var<uniform> p: Parameters;"].map((text, i) => `@group(0) @binding(${i}) ${text}`).join("\n")}
${divided.map(({ name, type, access }) => accessors(name, type, access, split!)).join("\n")}
${indexed(declarations)}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * ${threads}u + local;
  ${indexed(body)}
}`;
}

function namesOf(name: string, parts = 1): string[] {
  return parts === 1 ? [name] : Array.from({ length: parts }, (_, i) => `${name}_${i}`);
}

/** The functions by which a buffer in parts is indexed. */
function accessors(name: string, type: ElementType, access: string, { parts, partBytes }: Split): string {
  const perPart = partBytes / bytesOf[type];
  const choose = (statement: (element: string) => string) => {
    const cases = namesOf(name, parts[name]).map(
      (part, i, all) =>
        `${i === all.length - 1 ? "default" : `case ${i}u`}: { ${statement(`${part}[i & ${perPart - 1}u]`)} }`,
    );
    return `switch (i >> ${Math.log2(perPart)}u) { ${cases.join(" ")} }`;
  };
  const read = `fn read_${name}(i: u32) -> ${type} { ${choose((element) => `return ${element};`)} }`;
  if (access === "read") return read;
  return `${read}\nfn write_${name}(i: u32, value: ${type}) { ${choose((element) => `${element} = value;`)} }`;
}

/** The values of a program's parameters as the bytes of its uniform. */
export function packParameters(
  parameters: Readonly<Record<string, ParameterType>>,
  values: Readonly<Record<string, number>>,
): ArrayBuffer {
  const names = Object.keys(parameters);
  const bytes = new ArrayBuffer(Math.max(16, Math.ceil(names.length / 4) * 16));
  const view = new DataView(bytes);
  names.forEach((name, i) => {
    const value = values[name];
    if (value === undefined) throw new Error(`webgpu: parameter ${name}: expected a number, got none`);
    if (parameters[name] === "f32") view.setFloat32(4 * i, value, true);
    else if (parameters[name] === "i32") view.setInt32(4 * i, value, true);
    else view.setUint32(4 * i, value, true);
  });
  return bytes;
}
