import type { ScoreRow } from "@ensam/core/command";
import { scoreColumns } from "../scoreColumns.ts";
import type { Scores } from "../scores.ts";

/** The scores that tables are made of, for tests. */
export function scoresOf(rows: readonly ScoreRow[]): Scores {
  const columns = scoreColumns({ exact: true });
  for (const row of rows) columns.add(row);
  return columns.sorted();
}
