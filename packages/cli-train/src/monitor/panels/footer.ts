import type { KeyContext, ViewChoice } from "../view/keys.ts";
import { lineOf, type Paint, type Part } from "./paint.ts";

export interface FooterInput extends KeyContext {
  readonly choice: ViewChoice;
  readonly hasKeyboard: boolean;
  /** Whether the view is that of the training command: Ctrl-C stops the run then. */
  readonly isTraining?: boolean;
}

/** The line of keys, or the question that waits for an answer. */
export function footer(
  { choice, runs, paused, canAsk, hasKeyboard, isTraining = false }: FooterInput,
  width: number,
  paint: Paint,
): string {
  if (!hasKeyboard)
    return lineOf(paint, width, [["dim", isTraining ? "Ctrl-C saves and stops the run" : "Ctrl-C leaves"]]);
  if (choice.confirming) {
    return lineOf(paint, width, [["warning", "Save and stop this run? "], ["bold", "y"], " yes, any other key no"]);
  }
  const asked: [string, string][] = [
    ["p", paused ? "go on" : "pause"],
    ["c", "checkpoint"],
    ["v", "validate"],
    ["s", "stop"],
  ];
  const keys: [string, string][] = [
    ...(canAsk ? asked : []),
    ["i", "slice"],
    ...(runs > 1 ? ([["Tab", `run ${choice.selected + 1}/${runs}`]] as [string, string][]) : []),
    ["?", "help"],
    ["q", "leave"],
  ];
  const parts = keys.flatMap(([key, words]): Part[] => [
    ["bold", key],
    ["dim", ` ${words}   `],
  ]);
  return lineOf(paint, width, parts);
}
