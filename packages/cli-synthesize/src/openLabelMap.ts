import { InputError, type ReadRow, resolvePath } from "@ensam/core/command";
import { readLabels, spacingOfAffine } from "@ensam/core/files";
import { type LabelSource, labelSource } from "@ensam/core/synthesis";

/** Reads the label map of a row. Rejects with `path: expected ..., got ...`. */
export async function openLabelMap({ row, origin }: ReadRow<"labelmap" | "source">): Promise<LabelSource> {
  if (row.label === undefined) throw new InputError(`${row.case}: label: expected the path of a label map, got none`);
  const path = resolvePath(origin, row.label);
  const { labels, affine } = await readLabels(path, { key: row.label_key });
  try {
    return labelSource(labels, spacingOfAffine(affine));
  } catch (error) {
    throw new InputError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
