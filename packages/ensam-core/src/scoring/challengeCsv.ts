import { challengeSecondsPerClass } from "./caseScores.ts";
import { pythonFloat } from "./pythonFloat.ts";

/** What one row of the challenge's table needs of a case; six numbers in each list, the box first. */
export interface ChallengeRow {
  /** With ".npz". */
  readonly caseName: string;
  readonly seconds: readonly number[];
  readonly dsc: readonly number[];
  readonly nsd: readonly number[];
  readonly dscAuc: number;
  readonly nsdAuc: number;
  readonly dscFinal: number;
  readonly nsdFinal: number;
  readonly classCount: number;
  readonly hasBox: boolean;
}

const interactions = [1, 2, 3, 4, 5, 6];

/** The 26 columns of the challenge's metrics file. */
export const challengeColumns: readonly string[] = [
  "CaseName",
  "TotalRunningTime",
  ...interactions.map((i) => `RunningTime_${i}`),
  "DSC_AUC",
  "NSD_AUC",
  "DSC_Final",
  "NSD_Final",
  ...interactions.map((i) => `DSC_${i}`),
  ...interactions.map((i) => `NSD_${i}`),
  "num_class",
  "runtime_upperbound",
];

/**
 * The challenge's metrics file, byte for byte as pandas writes it. Box columns are whole numbers, and written as such,
 * where no case has a box: the evaluator puts an integer 0 there.
 */
export function challengeCsv(rows: readonly ChallengeRow[]): string {
  const boxesExist = rows.some(({ hasBox }) => hasBox);
  const ofBox = boxesExist ? pythonFloat : String;
  const series = (values: readonly number[]) => values.map((value, i) => (i === 0 ? ofBox(value) : pythonFloat(value)));
  const lines = rows.map((row) => [
    quoted(row.caseName),
    pythonFloat(row.seconds.reduce((sum, value) => sum + value, 0)),
    ...series(row.seconds),
    ...[row.dscAuc, row.nsdAuc, row.dscFinal, row.nsdFinal].map(pythonFloat),
    ...series(row.dsc),
    ...series(row.nsd),
    String(row.classCount),
    String(challengeSecondsPerClass * row.classCount),
  ]);
  return [challengeColumns, ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
