export * from "../rows/index.ts";
export { allowedCases, budgetWords, isBudget } from "./budget.ts";
export type { Command, CommandDefinition, CommandSpec, Example } from "./commandSpec.ts";
export {
  type CaseOptions,
  caseOptions,
  clickCropOption,
  cropsOption,
  type DeviceChoice,
  deviceOptions,
  deviceSettings,
  modelOption,
  outputFolderOption,
  predictionSizeOption,
  relativeOption,
  type Shell,
  shells,
} from "./commonOptions.ts";
export { type CommandFamily, familyCompletionScript } from "./completion.ts";
export type { Context, Log } from "./context.ts";
export { type CountedRows, countAhead } from "./countAhead.ts";
export { defineCommand } from "./defineCommand.ts";
export { type DicomChoice, dicomOptions } from "./dicomOptions.ts";
export { renderDocs } from "./docsPage.ts";
export { refuseEndlessInput } from "./endlessInput.ts";
export { describeError, exitCodeOf } from "./errorReport.ts";
export {
  CommandError,
  exitCodes,
  InputError,
  Interrupted,
  ReaderLeft,
  UsageError,
} from "./errors.ts";
export { expectFreeMemory, freeMemory, type MemoryParts } from "./expectFreeMemory.ts";
export { sha256OfFile } from "./fileHash.ts";
export { type CaseLoop, type CaseTally, forEachCase, noCases } from "./forEachCase.ts";
export { groupBy } from "./groupBy.ts";
export { readJsonFile } from "./jsonText.ts";
export { isAbandoned, type Lock, type LockOptions, takeLock } from "./lock.ts";
export { exampleLines, manLine, manPage, manText, renderMan } from "./manPage.ts";
export { builtinModel, type ModelChoice, modelOrBuiltin, type WeightsPackage } from "./modelOrBuiltin.ts";
export { nearestName, suggestion } from "./nearestName.ts";
export { type AnyOption, namedOptions, type OptionTable } from "./optionTable.ts";
export { ensureFolder, ensureWritable } from "./outputFolder.ts";
export { namedInputs, type OverwriteCheck, overwriteCheck, refuseSameOutputs } from "./overwriteCheck.ts";
export { type Origin, parseOptions } from "./parseOptions.ts";
export { plainText } from "./plainText.ts";
export { duration, type Progress } from "./progress.ts";
export { type ReadRow, readRows } from "./readRows.ts";
export { createRowWriter, type RowWriter } from "./rowWriter.ts";
export { runCommand } from "./runCommand.ts";
export { parseShard, type Shard } from "./shard.ts";
export { shellWord } from "./shellWord.ts";
export type { Main, Streams } from "./streams.ts";
export { tightenHeap } from "./tightenHeap.ts";
export { packageVersion } from "./version.ts";
export { openWorkFolder, type WorkFolder } from "./workFolder.ts";
export { type SeriesLister, writeSeriesRows } from "./writeSeriesRows.ts";
