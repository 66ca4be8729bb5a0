/**
 * The tables of the weights, in Markdown, from files of score rows: mean DSC of every model by dataset, modality and
 * over all; then DSC and NSD over all after the box and each click, with intervals.
 *
 *   node scripts/dist/weightsTable.js weights/scores.ndjson
 */
import { datasetTable, markdownTable, type Scored } from "./weights/datasetTable.ts";
import { curvesMarkdown, overallCurves } from "./weights/overallCurves.ts";
import { readLines } from "./weights/splitFile.ts";

type ScoreRow = Scored & { type: string; nsd: Scored["dsc"] };

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write("weightsTable: expected files of score rows, got none\n");
  process.exitCode = 2;
} else {
  const rows = files.flatMap((file) => readLines(file) as ScoreRow[]).filter(({ type }) => type === "score");
  const ofNsd = rows.map((row) => ({ ...row, dsc: row.nsd }));
  const parts = [
    markdownTable(datasetTable(rows)),
    curvesMarkdown("DSC", overallCurves(rows)),
    curvesMarkdown("NSD", overallCurves(ofNsd)),
  ];
  process.stdout.write(parts.join("\n"));
}
