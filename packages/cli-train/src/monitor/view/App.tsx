import { Box, Text } from "ink";
import { footer } from "../panels/footer.ts";
import { header } from "../panels/header.ts";
import { helpPanel } from "../panels/helpPanel.ts";
import type { Paint } from "../panels/paint.ts";
import { slicePanel } from "../panels/slicePanel.ts";
import { validationHeight } from "../panels/validationPanel.ts";
import type { RunView } from "../runView.ts";
import type { MonitorState } from "../state/monitorState.ts";
import type { ViewChoice } from "./keys.ts";
import { layout } from "./layout.ts";
import { panels } from "./panels.ts";

export interface AppProps {
  readonly runs: readonly RunView[];
  readonly choice: ViewChoice;
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  readonly hasKeyboard: boolean;
  /** Whether the selected run can be asked for something. */
  readonly canAsk: boolean;
  /** Whether the view is that of the training command. */
  readonly isTraining?: boolean;
}

const headerLines = 3;
const footerLines = 1;
/** Narrower than this, runs are shown one at a time. */
const leastRunColumns = 76;
/** Columns between runs. */
const gap = 3;

/** The whole monitor. It is one line lower than the terminal, so that drawing never scrolls. */
export function App({ runs, choice, columns, rows, paint, hasKeyboard, canAsk, isTraining = false }: AppProps) {
  const height = Math.max(1, rows - 1);
  const selected = Math.min(choice.selected, runs.length - 1);
  const most = choice.alone ? 1 : Math.max(1, Math.floor((columns + gap) / (leastRunColumns + gap)));
  const shown = runs.length <= most ? runs : runs.slice(selected, selected + 1);
  const width = Math.floor((columns - gap * (shown.length - 1)) / shown.length);
  const paused = runs[selected]?.status === "paused";
  const keys = { choice, runs: runs.length, paused, canAsk, hasKeyboard, isTraining };
  return (
    <Box flexDirection="column" width={columns} height={height}>
      <Box flexDirection="row" columnGap={gap} height={height - footerLines}>
        {shown.map((run) => (
          <RunColumn
            key={run.name}
            run={run}
            choice={choice}
            width={width}
            height={height - footerLines}
            paint={paint}
            isTraining={isTraining}
            marked={shown.length > 1 && run === runs[selected]}
          />
        ))}
      </Box>
      <Lines lines={[footer(keys, columns, paint)]} width={columns} />
    </Box>
  );
}

interface RunColumnProps {
  readonly run: RunView;
  readonly choice: ViewChoice;
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
  readonly isTraining: boolean;
  /** The keys act on this one of several. */
  readonly marked: boolean;
}

function RunColumn({ run, choice, width, height, paint, isTraining, marked }: RunColumnProps) {
  const body = height - headerLines;
  const named = marked ? { ...run, name: `▶ ${run.name}` } : run;
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines lines={header(named, width, paint).slice(0, height)} width={width} />
      <Body state={run.state} choice={choice} width={width} height={body} paint={paint} isTraining={isTraining} />
    </Box>
  );
}

interface BodyProps {
  readonly state: MonitorState;
  readonly choice: ViewChoice;
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
  readonly isTraining: boolean;
}

function Body({ state, choice, width, height, paint, isTraining }: BodyProps) {
  if (height < 1) return undefined;
  if (choice.help) return <Lines lines={helpPanel(width, height, paint, isTraining)} width={width} />;
  if (choice.slice) return <Lines lines={slicePanel(state, width, height, paint)} width={width} />;
  const hasSlice = state.slice !== undefined;
  const rows = layout({ columns: width, rows: height, tableRows: validationHeight(state), hasSlice });
  return rows.map((row) => (
    <Box key={row.panels[0]!.name} flexDirection="row" columnGap={2} height={row.height}>
      {row.panels.map(({ name, width: cells }) => (
        <Lines key={name} lines={panels[name](state, cells, row.height, paint)} width={cells} />
      ))}
    </Box>
  ));
}

/** Lines that fit already. */
export function Lines({ lines, width }: { readonly lines: readonly string[]; readonly width: number }) {
  return (
    <Box width={width} flexShrink={0}>
      <Text wrap="truncate">{lines.join("\n")}</Text>
    </Box>
  );
}
