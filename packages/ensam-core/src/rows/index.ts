export { type Modality, modalities } from "./modalities.ts";
export { type RowOrigin, rebaseRow, resolvePath, writtenPath } from "./rowPaths.ts";
export type {
  CaseRow,
  CheckpointRow,
  EndRow,
  FailureRow,
  LabelMapRow,
  PredictionRow,
  Row,
  RowOf,
  RowType,
  RunRow,
  ScoreRow,
  SegmentationRow,
  SkipRow,
  SourceRow,
  StepRow,
  SummaryRow,
  ValidationRow,
} from "./rowTypes.ts";
export { loadRowSchemas, renderSchemas } from "./schemaPage.ts";
