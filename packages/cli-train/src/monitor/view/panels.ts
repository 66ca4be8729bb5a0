import { checkpointPanel } from "../panels/checkpointPanel.ts";
import { dscPanel } from "../panels/dscPanel.ts";
import { lossPanel } from "../panels/lossPanel.ts";
import { notesPanel } from "../panels/notesPanel.ts";
import { nowPanel } from "../panels/nowPanel.ts";
import type { Paint } from "../panels/paint.ts";
import { ratePanel } from "../panels/ratePanel.ts";
import { slicePanel } from "../panels/slicePanel.ts";
import { validationPanel } from "../panels/validationPanel.ts";
import type { MonitorState } from "../state/monitorState.ts";
import type { PanelName } from "./layout.ts";

/** Lines of text about a state, at most `height` of them, each at most `width` cells. */
export type Panel = (state: MonitorState, width: number, height: number, paint: Paint) => string[];

export const panels: Readonly<Record<PanelName, Panel>> = {
  loss: lossPanel,
  dsc: dscPanel,
  rate: ratePanel,
  now: nowPanel,
  validation: validationPanel,
  checkpoints: checkpointPanel,
  notes: notesPanel,
  slice: slicePanel,
};
