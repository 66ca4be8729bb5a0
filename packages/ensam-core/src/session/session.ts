import { type Box, inverseTurn, turnBox, turnZyx, voxelCount, wholeBox, type Zyx } from "../geometry/index.ts";
import { type PromptedImage, type PromptedImageOptions, promptedImage, type Segmenter } from "../inference/index.ts";
import { crop, type FramedLogits, type Grid } from "../voxels/index.ts";
import { answerObject } from "./askModel.ts";
import { composeLabels, differingBox } from "./composeLabels.ts";
import { atEvent, EventError } from "./eventError.ts";
import {
  emptyTimeline,
  extendTimeline,
  type NumberedEvent,
  type SessionEvent,
  type Timeline,
  timelineOf,
} from "./events.ts";
import { advance, emptyState, type ObjectState, type Prompt, replace, type SessionState, waits } from "./state.ts";

export interface SessionOptions extends PromptedImageOptions {
  /** Bytes of answers kept for undo; what is older is computed again when undo comes there. @default 512 MiB */
  readonly historyBytes?: number;
}

/** What a session says about one of its objects. Boxes are those of the stored grid. */
export interface ObjectReport {
  readonly label: number;
  readonly name: string;
  readonly colour: string;
  /** Voxels it has in the label map. */
  readonly voxels: number;
  readonly prompts: readonly Prompt[];
  /** Prompts at the end of the list that the model was not asked about yet. */
  readonly waiting: number;
  readonly strokes: readonly { readonly event: number; readonly adds: boolean; readonly box: Box }[];
  readonly startsFromMask: boolean;
  /** What the model looked at for it, and voxels per cell along (z, y, x). */
  readonly crop?: { readonly box: Box; readonly factors: Zyx };
  /** The model found no voxel of it. */
  readonly isUnseen: boolean;
  /** Its mask reaches the border of the crop inside the image, so it may go on behind: see `enlarge`. */
  readonly isCut: boolean;
}

export interface SessionReport {
  readonly objects: readonly ObjectReport[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** What an event changed. */
export interface SessionAnswer extends SessionReport {
  /** The number of the event. */
  readonly n: number;
  /** The smallest box with every voxel whose label changed, half-open, and the labels in it, C order. */
  readonly changed?: { readonly box: Box; readonly labels: Uint8Array };
}

/** An image opened once, with objects, prompts and their masks; all on the stored grid. */
export interface Session {
  readonly shape: Zyx;
  /** The label map, kept up to date in place. */
  readonly labels: Grid<Uint8Array>;
  /** Every event so far, undo and redo among them: what `restore` takes. */
  readonly events: readonly NumberedEvent[];
  report(): SessionReport;
  /** The number that the event would get. @throws EventError if it cannot be; nothing has changed then. */
  check(event: SessionEvent): number;
  /**
   * Takes an event and answers with what it changed. Calls are answered in their order. When the model fails (say, out
   * of memory), the rejection leaves everything as before the event.
   */
  apply(event: SessionEvent): Promise<SessionAnswer>;
  /** Takes over the events of another session of the same image; with the same model the masks are the same. */
  restore(events: readonly NumberedEvent[], onStep?: (done: number, all: number) => void): Promise<void>;
  /** The model's last answer about an object: the logits before strokes and other objects; `undefined` without one. */
  answer(label: number): FramedLogits | undefined;
  dispose(): void;
}

const defaultHistoryBytes = 512 * 2 ** 20;

/**
 * Opens a session on an 8-bit image in its stored grid. Nothing is computed before the first prompt.
 *
 * Every object has its own crop and its own chain of interactions, and its mask follows from the events that count, in
 * their order; so undo, redo and a restore from the log give the same masks bit for bit.
 */
export function openSession(segmenter: Segmenter, stored: Grid<Uint8Array>, options: SessionOptions): Session {
  const image = promptedImage(segmenter, stored, options);
  const { shape, turn } = image;
  const { historyBytes = defaultHistoryBytes } = options;
  const labels = { data: new Uint8Array(voxelCount(shape)), shape };
  const counts = new Float64Array(256);
  let events: NumberedEvent[] = [];
  let timeline: Timeline = emptyTimeline;
  let current: SessionState = emptyState;
  /** The state after each event that counts or could be redone; one that is not there is computed when it is needed. */
  let states = new Map<NumberedEvent, SessionState>();
  let queue: Promise<unknown> = Promise.resolve();

  async function stateAfter(state: SessionState, event: NumberedEvent): Promise<SessionState> {
    const { state: next, ask } = advance(state, event, shape);
    let answered = next;
    for (const label of ask) {
      const object = answered.objects.find((candidate) => candidate.label === label)!;
      answered = replace(answered, await answerObject(image, object));
    }
    return answered;
  }

  /** The state that a list of events leads to, from the last one that is kept. */
  async function stateOf(done: readonly NumberedEvent[], onStep?: (done: number) => void): Promise<SessionState> {
    let from = done.length;
    while (from > 0 && !states.has(done[from - 1]!)) from--;
    let state = from === 0 ? emptyState : states.get(done[from - 1]!)!;
    for (let i = from; i < done.length; i++) {
      state = await stateAfter(state, done[i]!).catch((error) => Promise.reject(atEvent(error, done[i]!.n)));
      onStep?.(i + 1);
    }
    if (done.length > 0) states.set(done.at(-1)!, state);
    return state;
  }

  function show(next: SessionState): SessionAnswer["changed"] {
    const region = differingBox(current, next, turn, shape);
    current = next;
    if (region === undefined) return undefined;
    const before = crop(labels, region);
    composeLabels(next, labels, region, turn);
    const box = changedPart(before.data, labels, region, counts);
    return box && { box, labels: crop(labels, box).data };
  }

  /** Forgets the oldest answers beyond the limit; the current state and those it shares stay. */
  function forget(): void {
    const seen = new Set<Float32Array>(current.objects.flatMap(({ answer }) => answer?.logits ?? []));
    let bytes = 0;
    for (const [event, state] of [...states].reverse()) {
      for (const { answer } of state.objects) {
        if (answer === undefined || seen.has(answer.logits)) continue;
        seen.add(answer.logits);
        bytes += answer.logits.byteLength;
      }
      if (bytes > historyBytes) states.delete(event);
    }
  }

  async function take(event: SessionEvent): Promise<SessionAnswer> {
    const numbered = { ...event, n: check(event) };
    const next = extendTimeline(timeline, numbered);
    const state = await stateOf(next.done);
    events = [...events, numbered];
    timeline = next;
    const changed = show(state);
    const alive = new Set([...next.done, ...next.undone]);
    for (const known of states.keys()) if (!alive.has(known)) states.delete(known);
    forget();
    return { n: numbered.n, ...report(), ...(changed && { changed }) };
  }

  function check(event: SessionEvent): number {
    const n = (events.at(-1)?.n ?? 0) + 1;
    if (event.type === "failed") throw new EventError("session: expected an event of a user, got failed");
    if (event.type === "undo" || event.type === "redo") extendTimeline(timeline, { ...event, n });
    else advance(current, { ...event, n }, shape);
    return n;
  }

  function report(): SessionReport {
    return {
      objects: current.objects.map((object) => reportOf(object, current, counts[object.label]!, image)),
      canUndo: timeline.done.length > 0,
      canRedo: timeline.undone.length > 0,
    };
  }

  /** One at a time, in the order of the calls. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  return {
    shape,
    labels,
    get events() {
      return events;
    },
    report,
    check,
    apply: (event) => inTurn(() => take(event)),
    restore: (log, onStep) =>
      inTurn(async () => {
        const next = timelineOf(log);
        states = new Map();
        const state = await stateOf(next.done, (done) => onStep?.(done, next.done.length));
        events = [...log];
        timeline = next;
        show(state);
      }),
    answer(label) {
      const { frame, logits } = current.objects.find((object) => object.label === label)?.answer ?? {};
      return frame && logits && { frame, logits };
    },
    dispose: () => image.dispose(),
  };
}

/** The smallest box of the region whose labels changed; keeps the counts of voxels. */
function changedPart(
  before: Uint8Array,
  { data, shape }: Grid<Uint8Array>,
  region: Box,
  counts: Float64Array,
): Box | undefined {
  const min = [...region.max];
  const max = [...region.min];
  let i = 0;
  for (let z = region.min[0]; z < region.max[0]; z++) {
    for (let y = region.min[1]; y < region.max[1]; y++) {
      const row = (z * shape[1] + y) * shape[2];
      for (let x = region.min[2]; x < region.max[2]; x++, i++) {
        const [old, now] = [before[i]!, data[row + x]!];
        if (old === now) continue;
        counts[old]!--;
        counts[now]!++;
        if (z < min[0]!) min[0] = z;
        if (y < min[1]!) min[1] = y;
        if (x < min[2]!) min[2] = x;
        if (z >= max[0]!) max[0] = z + 1;
        if (y >= max[1]!) max[1] = y + 1;
        if (x >= max[2]!) max[2] = x + 1;
      }
    }
  }
  return min[0]! < max[0]! ? { min: min as unknown as Zyx, max: max as unknown as Zyx } : undefined;
}

function reportOf(
  object: ObjectState,
  { strokes }: SessionState,
  voxels: number,
  { turn, shape }: PromptedImage,
): ObjectReport {
  const { label, name, colour, prompts, answered, start, answer } = object;
  const turnedShape = turnZyx(turn, shape);
  const positive = answer?.rows.positive;
  return {
    label,
    name,
    colour,
    voxels,
    prompts,
    waiting: waits(object) ? prompts.length - answered : 0,
    strokes: strokes.flatMap(({ event, adds, box, label: of }) => (of === label ? [{ event, adds, box }] : [])),
    startsFromMask: start !== undefined,
    ...(answer && {
      crop: {
        box: turnBox(inverseTurn(turn), turnedShape, answer.frame.crop),
        factors: turnZyx(inverseTurn(turn), answer.frame.pooling),
      },
    }),
    isUnseen: answer !== undefined && positive === undefined,
    isCut: answer !== undefined && positive !== undefined && reachesBorder(positive, answer.frame.crop, turnedShape),
  };
}

function reachesBorder(mask: Box, cropped: Box, shape: Zyx): boolean {
  const whole = wholeBox(shape);
  return [0, 1, 2].some(
    (axis) =>
      (mask.min[axis]! <= cropped.min[axis]! && cropped.min[axis]! > whole.min[axis]!) ||
      (mask.max[axis]! >= cropped.max[axis]! && cropped.max[axis]! < whole.max[axis]!),
  );
}
