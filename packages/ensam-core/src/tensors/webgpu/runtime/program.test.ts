import { expect, test } from "vitest";
import { indexByCalls } from "./indexByCalls.ts";
import { type Program, shaderOf } from "./program.ts";

test("reads and assignments of a name become calls, and nothing else does", () => {
  const calls = (code: string) => indexByCalls(code, "x");
  expect(calls("let a = x[i] + dx[i] + p.x[i] + x0[i];")).toBe("let a = read_x(i) + dx[i] + p.x[i] + x0[i];");
  expect(calls("x[i] = 1;")).toBe("write_x(i, 1);");
  expect(calls("if (x[i] == 0) { x[i] = y[i]; }")).toBe("if (read_x(i) == 0) { write_x(i, y[i]); }");
  // An index may itself be read, and so may what is assigned.
  expect(calls("x[x[a[0]]] = x[1] * 2; x[2] = 3;")).toBe("write_x(read_x(a[0]), read_x(1) * 2); write_x(2, 3);");
  expect(calls("x[i] /= a + b;")).toBe("write_x(i, read_x(i) / (a + b));");
  expect(calls("let v = x[i].y;")).toBe("let v = read_x(i).y;");
});

const program: Program = {
  key: "double",
  reads: { x: "vec4f" },
  writes: { y: "f32" },
  parameters: { count: "u32" },
  threads: 64,
  body: "y[index] = 2 * x[index / 4u].x;",
};

test("a program whose buffers are whole indexes them directly", () => {
  const text = shaderOf(program);
  expect(text).toContain("@binding(0) var<storage, read> x: array<vec4f>;");
  expect(text).toContain("@binding(1) var<storage, read_write> y: array<f32>;");
  expect(text).toContain("@binding(2) var<uniform> p");
  expect(text).toContain(program.body);
});

test("a buffer in parts has a binding for each and is indexed by calls", () => {
  const text = shaderOf(program, { parts: { x: 3, y: 1 }, partBytes: 256 });
  for (const i of [0, 1, 2]) expect(text).toContain(`@binding(${i}) var<storage, read> x_${i}: array<vec4f>;`);
  expect(text).toContain("@binding(3) var<storage, read_write> y: array<f32>;");
  expect(text).toContain("@binding(4) var<uniform> p");
  expect(text).toContain("y[index] = 2 * read_x(index / 4u).x;");
  // 256 bytes are 16 vectors of 4.
  expect(text).toContain("switch (i >> 4u)");
  expect(text).toContain("case 1u: { return x_1[i & 15u]; }");
});
