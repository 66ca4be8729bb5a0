import type { RowType } from "./rowTypes.ts";

/** Returns the JSON Schemas (draft 2020-12) of row types, as one JSON text by type. */
export async function renderSchemas(types: readonly RowType[]): Promise<string> {
  const [{ z }, { rowSchemas }] = await Promise.all([import("zod"), import("./rowSchemas.ts")]);
  const schemas = Object.fromEntries(types.map((type) => [type, z.toJSONSchema(rowSchemas[type])]));
  return `${JSON.stringify(schemas, undefined, 2)}\n`;
}
