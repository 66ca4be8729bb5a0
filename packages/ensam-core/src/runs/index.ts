export { askRun, type Control, type ControlActions, type ControlWord, watchControl } from "./control.ts";
export { finite, isRecord, type LogRow, parseRow, scores, text } from "./logRow.ts";
export { type RunFolder, runFolder } from "./runFolder.ts";
export {
  isSlice,
  type SliceInput,
  type ValidationSlice,
  validationSlice,
  writeValidationSlice,
} from "./validationSlice.ts";
