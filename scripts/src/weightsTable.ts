/**
 * The table of the weights: mean DSC by dataset, modality and over all, of every model in a file of score rows, in Markdown.
 *
 *   node scripts/dist/weightsTable.js weights/scores.ndjson
 */
import { datasetTable, markdownTable, type Scored } from "./weights/datasetTable.ts";
import { readLines } from "./weights/splitFile.ts";

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write("weightsTable: expected files of score rows, got none\n");
  process.exitCode = 2;
} else {
  const rows = files.flatMap((file) => readLines(file) as (Scored & { type: string })[]);
  process.stdout.write(markdownTable(datasetTable(rows.filter(({ type }) => type === "score"))));
}
