import type { RowType } from "./rowTypes.ts";

/** The schemas by row type; loaded when they are first wanted, since that takes time. */
export async function loadRowSchemas() {
  return (await import("./rowSchemas.ts")).rowSchemas;
}

/** Returns the JSON Schemas (draft 2020-12) of row types, as one JSON text by type. */
export async function renderSchemas(types: readonly RowType[]): Promise<string> {
  const [{ z }, rowSchemas] = await Promise.all([import("zod"), loadRowSchemas()]);
  const schemas = Object.fromEntries(types.map((type) => [type, z.toJSONSchema(rowSchemas[type])]));
  return `${JSON.stringify(schemas, undefined, 2)}\n`;
}
