export { type Modality, modalities } from "./modalities.ts";
export { type RowOrigin, rebaseRow, resolvePath, writtenPath } from "./rowPaths.ts";
export type * from "./rowTypes.ts";
export { loadRowSchemas, renderSchemas } from "./schemaPage.ts";
