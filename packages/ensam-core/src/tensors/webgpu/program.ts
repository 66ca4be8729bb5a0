/** Element types of a buffer in WGSL. */
export type ElementType = "f32" | "vec4f" | "u32";
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
  /** Declarations outside of the main function. */
  readonly declarations?: string;
  /**
   * The body of the main function. It knows `group` (vec3u, the workgroup), `local` (u32, the thread within it), `index`
   * (u32, the thread within all workgroups, counted along x first) and `p`.
   */
  readonly body: string;
}

/** The whole text of a program in WGSL. */
export function shaderOf({ reads, writes, parameters, threads, declarations = "", body }: Program): string {
  const buffers = [
    ...Object.entries(reads).map(([name, type]) => [name, type, "read"]),
    ...Object.entries(writes).map(([name, type]) => [name, type, "read_write"]),
  ];
  const bindings = buffers.map(
    ([name, type, access], i) => `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${type}>;`,
  );
  const fields = Object.entries(parameters).map(([name, type]) => `${name}: ${type},`);
  return `
struct Parameters { ${fields.join(" ")} }
${bindings.join("\n")}
@group(0) @binding(${buffers.length}) var<uniform> p: Parameters;
${declarations}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (group.y * groups.x + group.x) * ${threads}u + local;
  ${body}
}`;
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
