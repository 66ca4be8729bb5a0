import type { z } from "zod";
import type { rowSchemas } from "./rowSchemas.ts";

type Schemas = typeof rowSchemas;

/** The value of a row's `type` field. */
export type RowType = keyof Schemas;

/** The row of a given type, such as `RowOf<"case">`. */
export type RowOf<Type extends RowType> = z.infer<Schemas[Type]>;

export type Row = { [Type in RowType]: RowOf<Type> }[RowType];
export type SourceRow = RowOf<"source">;
export type LabelMapRow = RowOf<"labelmap">;
export type CaseRow = RowOf<"case">;
export type PredictionRow = RowOf<"prediction">;
export type RequestRow = RowOf<"request">;
export type ScoreRow = RowOf<"score">;
export type SummaryRow = RowOf<"summary">;
export type SegmentationRow = RowOf<"segmentation">;
export type ImageRow = RowOf<"image">;
export type SeriesRow = RowOf<"series">;
export type AnnotationRow = RowOf<"annotation">;
export type RunRow = RowOf<"run">;
export type StepRow = RowOf<"step">;
export type SkipRow = RowOf<"skip">;
export type ValidationRow = RowOf<"validation">;
export type CheckRow = RowOf<"check">;
export type CheckpointRow = RowOf<"checkpoint">;
export type EndRow = RowOf<"end">;
export type JobRow = RowOf<"job">;
export type FailureRow = RowOf<"failure">;
