export { type Modality, modalities } from "./modalities.ts";
export { type RowOrigin, rebaseRow, resolvePath, writtenPath } from "./rowPaths.ts";
export type {
  AnnotationRow,
  CaseRow,
  CheckpointRow,
  CheckRow,
  EndRow,
  FailureRow,
  ImageRow,
  LabelMapRow,
  PredictionRow,
  RequestRow,
  Row,
  RowOf,
  RowType,
  RunRow,
  ScoreRow,
  SegmentationRow,
  SeriesRow,
  SkipRow,
  SourceRow,
  StepRow,
  SummaryRow,
  ValidationRow,
} from "./rowTypes.ts";
export { loadRowSchemas, renderSchemas } from "./schemaPage.ts";
