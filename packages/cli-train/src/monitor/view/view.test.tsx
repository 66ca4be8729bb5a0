import { testSlice } from "@ensam/core/runs/testing";
import { cleanup, render } from "ink-testing-library";
import { afterEach, expect, test } from "vitest";
import { paintNothing } from "../panels/paint.ts";
import type { RunView } from "../runView.ts";
import { afterLines } from "../state/afterLines.ts";
import { emptyState, type MonitorState } from "../state/monitorState.ts";
import { runRow, stepRow, validationRow } from "../testing/rows.ts";
import { App, type AppProps, Lines } from "./App.tsx";
import { firstChoice, keyPressed } from "./keys.ts";
import type { PanelName } from "./layout.ts";
import { panels } from "./panels.ts";

afterEach(cleanup);

const state: MonitorState = afterLines(emptyState, [
  runRow(),
  ...Array.from({ length: 20 }, (_, i) => stepRow(i + 1)),
  validationRow(10, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
  validationRow(20, [0.2, 0.3, 0.4, 0.5, 0.6, 0.75]),
  { type: "checkpoint", step: 20, path: "runs/a/checkpoints/best.safetensors", kind: "best" },
  { type: "failure", case: "CT_9", stage: "sample", error: "no object" },
  { ...testSlice() },
]);
const run: RunView = { name: "a", state, status: "running", lastRow: "just now" };
const app = (more: Partial<AppProps> = {}) => {
  const size = { columns: 80, rows: 24 };
  const keys = { choice: firstChoice, hasKeyboard: true, canAsk: true };
  return <App runs={[run]} {...size} {...keys} paint={paintNothing} {...more} />;
};
const frame = (more: Partial<AppProps> = {}) => render(app(more)).lastFrame()!;
const panel = (name: PanelName, of = state, width = 70, height = 12) =>
  render(<Lines lines={panels[name](of, width, height, paintNothing)} width={width} />).lastFrame()!;

test("the loss panel shows the smoothed loss, the axis and dots", () => {
  const shown = panel("loss");
  expect(shown).toContain(`── loss ${state.smoothedLoss!.toPrecision(3)} ─`);
  expect(shown).toContain("step 20");
  expect(shown).toMatch(/[\u2801-\u28ff]/);
  expect(panel("loss", emptyState)).toContain("no steps yet");
});

test("the DSC panel shows validations once there are two, training samples before", () => {
  expect(panel("dsc")).toContain("── DSC validation box 1 2 3 4 5 ");
  expect(panel("dsc", afterLines(emptyState, [stepRow(1)]))).toContain("── DSC training box 1 2 3 4 5 ");
  expect(panel("dsc", emptyState)).toContain("no interactions yet");
});

test("the learning rate panel shows the rate now", () => {
  expect(panel("rate")).toContain("── learning rate 0.002 ─");
});

test("the panel of now shows speeds, waiting and memory", () => {
  const shown = panel("now");
  // 4 samples and 1,000,000 voxels in 2 s, of which 0.5 s waiting
  for (const words of [
    "samples/s      2",
    "voxels/s       500k",
    "waits for data 25 % ██░░░░░░",
    "memory         1.0 GiB",
  ]) {
    expect(shown).toContain(words);
  }
});

test("the validation panel shows modalities and the change since the one before", () => {
  const shown = panel("validation");
  expect(shown).toContain("validation, step 20 best 0.750 at step 20");
  expect(shown).toMatch(/all +4 0\.200 0\.300 0\.400 0\.500 0\.600 0\.750 \+0\.150/);
  expect(shown).toMatch(/MR +1 .* 0\.375 \+0\.075/); // half of 0.75, half of 0.15
});

test("the checkpoint and note panels show the newest", () => {
  expect(panel("checkpoints")).toMatch(/best +step 20 +best\.safetensors/);
  expect(panel("notes")).toContain("step 20  CT_9 (sample): no object");
});

test("the slice panel shows truth on the left and hits and errors on the right", () => {
  const shown = panel("slice", state, 40, 8).split("\n");
  expect(shown[0]).toContain("slice DSC 0.500 CT_1 label 2 z 1");
  // Columns of the slice: truth only, both, prediction only, neither; scaled up by 3
  expect(shown[1]).toMatch(/^TTTTTT *[ .:=-]+ooo###xxx/);
  expect(panel("slice", emptyState)).toContain("none yet");
});

test("the whole view is lower than the terminal, with header and keys, at every size", () => {
  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
    [40, 10],
    [20, 4],
  ] as const) {
    const lines = frame({ columns, rows }).split("\n");
    expect(lines.length).toBeLessThan(rows);
    expect(lines[0]).toContain("ENSAM");
    expect(lines.at(-1)).toContain("p pause");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  }
  for (const title of ["loss", "DSC", "now", "validation, step", "checkpoints", "notes"]) {
    expect(frame()).toContain(`── ${title}`);
  }
  expect(frame({ columns: 120, rows: 40 })).toContain("── slice");
});

test("two runs stand side by side where they fit, else one at a time", () => {
  const runs = [run, { ...run, name: "b", status: "paused" as const }];
  expect(frame({ runs, columns: 170, rows: 40 })).toMatch(/▶ a.* b /);
  const narrow = frame({ runs, choice: { ...firstChoice, selected: 1 } });
  expect(narrow).toContain("ENSAM  b");
  expect(narrow).toContain("run 2/2");
  expect(narrow).toContain("p go on");
  expect(narrow).not.toContain("ENSAM  a");
});

test("help and the large slice take the space of the panels", () => {
  const help = frame({ choice: { ...firstChoice, help: true } });
  expect(help).toContain("write a checkpoint");
  expect(help).toContain("q, Ctrl-C   leave; the run goes on");
  // In the view of the training command Ctrl-C belongs to the run.
  const training = frame({ choice: { ...firstChoice, help: true }, isTraining: true });
  expect(training).toContain("Ctrl-C      save and stop the run; again: stop at once, without saving");
  expect(training).not.toContain("q, Ctrl-C");
  expect(help).not.toContain("── loss");
  expect(frame({ choice: { ...firstChoice, slice: true } })).toContain("── slice DSC 0.500 CT_1");
  expect(frame({ choice: { ...firstChoice, confirming: true } })).toContain("Save and stop this run?");
});

test("a run that has not begun, or has ended, is shown", () => {
  expect(frame({ runs: [{ name: "a", state: emptyState, status: "waiting" }] })).toContain("waiting for rows");
  const ended = afterLines(state, [{ type: "end", step: 20, reason: "max-time" }]);
  const shown = frame({ runs: [{ name: "a", state: ended, status: "ended" }], canAsk: false });
  expect(shown).toContain("■ max-time");
  expect(shown).not.toContain("p pause");
});

test("keys ask the run, and stopping needs a second one", () => {
  const keys = { runs: 2, paused: false, canAsk: true };
  const press = (key: string, choice = firstChoice, more = {}) => keyPressed(choice, key, { ...keys, ...more });
  expect(["p", "c", "v", "q", "ctrl-c", "x"].map((key) => press(key).action)).toEqual([
    "pause",
    "checkpoint",
    "validate",
    "quit",
    "quit",
    undefined,
  ]);
  expect(press("p", firstChoice, { paused: true }).action).toBe("resume");
  const asked = press("s");
  expect(asked).toEqual({ choice: { ...firstChoice, confirming: true } });
  expect(press("y", asked.choice)).toEqual({ choice: firstChoice, action: "stop" });
  expect(press("n", asked.choice)).toEqual({ choice: firstChoice });
  expect(press("p", firstChoice, { canAsk: false }).action).toBeUndefined();
  expect(press("tab", press("tab").choice).choice.selected).toBe(0);
  expect(press("?").choice.help).toBe(true);
  expect(press("p", press("?").choice)).toEqual({ choice: firstChoice });
});
