import type { rowSchemas } from "./rowSchemas.ts";

/** Loads the schemas of all row types. They come late because the schema library takes longer to load than help. */
export async function loadRowSchemas(): Promise<typeof rowSchemas> {
  return (await import("./rowSchemas.ts")).rowSchemas;
}
