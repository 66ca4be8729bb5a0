import { finite, isRecord, type LogRow, scores } from "@ensam/core/runs";
import type { MonitorState, Validation } from "./monitorState.ts";
import { mostInteractions, withEach } from "./series.ts";

/** The state after the row of a validation. */
export function afterValidation(state: MonitorState, row: LogRow): MonitorState {
  const dsc = scores(row.dsc).slice(0, mostInteractions);
  const step = finite(row.step) ?? state.step;
  const dscFinal = finite(row.dscFinal) ?? dsc.at(-1);
  const modalities = isRecord(row.modalities) ? Object.entries(row.modalities) : [];
  const validation: Validation = {
    step,
    cases: finite(row.cases),
    dsc,
    dscFinal,
    modalities: Object.fromEntries(
      modalities.map(([name, value]) => {
        const fields = isRecord(value) ? value : {};
        return [name, { cases: finite(fields.cases), dsc: scores(fields.dsc) }];
      }),
    ),
  };
  const seconds = finite(row.seconds) ?? 0;
  const isBest = dscFinal !== undefined && (state.best === undefined || dscFinal > state.best.dscFinal);
  const points = dsc.map((score): [number, number][] => (score === undefined ? [] : [[step, score]]));
  return {
    ...state,
    validation,
    validationBefore: state.validation,
    best: isBest ? { step, dscFinal } : state.best,
    seconds: state.seconds + seconds,
    validations: { count: state.validations.count + 1, seconds: state.validations.seconds + seconds },
    curves: { ...state.curves, validationDsc: withEach(state.curves.validationDsc, points) },
  };
}
