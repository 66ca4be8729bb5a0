import { type Box, type Frame, voxelCount, type Zyx } from "../geometry/index.ts";
import type { LogitRows } from "../voxels/index.ts";
import { EventError } from "./eventError.ts";
import type { FlatRuns, NumberedEvent, SessionEvent } from "./events.ts";
import { boxOfRuns, checkRuns } from "./flatRuns.ts";

/** A prompt, called by the number of the event that brought it; stored grid. */
export type Prompt =
  | { readonly event: number; readonly kind: "click"; readonly at: Zyx; readonly foreground: boolean }
  | { readonly event: number; readonly kind: "box"; readonly box: Box };

/** A stroke of the brush or the eraser. */
export interface Stroke {
  readonly event: number;
  readonly label: number;
  readonly adds: boolean;
  readonly runs: FlatRuns;
  readonly box: Box;
}

/** What the model said about one object, on a frame of its own. */
export interface ModelAnswer {
  /** On the grid as the model sees it. */
  readonly frame: Frame;
  /** [D, H, W] of `frame.shape`. */
  readonly logits: Float32Array;
  readonly rows: LogitRows;
}

export interface ObjectState {
  readonly label: number;
  readonly name: string;
  readonly colour: string;
  /** In the order given; those from `answered` on wait for the model. */
  readonly prompts: readonly Prompt[];
  readonly answered: number;
  /** The mask it started from. */
  readonly start?: { readonly runs: FlatRuns; readonly box: Box | undefined };
  /** Voxels that the user added to its crop on each side. */
  readonly enlarged: number;
  readonly answer?: ModelAnswer;
}

/** A session between two events. Nothing in it is ever changed, so that undo is a step back. */
export interface SessionState {
  readonly objects: readonly ObjectState[];
  /** In the order given: a later one wins. */
  readonly strokes: readonly Stroke[];
}

export const emptyState: SessionState = { objects: [], strokes: [] };

/** What an event does to the objects before the model is asked, and whom it has to be asked about. */
export interface Advance {
  readonly state: SessionState;
  /** Labels to be answered: first the prompts that wait, in their order. */
  readonly ask: readonly number[];
}

/** Labels have one byte in the label map of a session. */
export const largestLabel = 255;

const colourPattern = /^#[0-9a-f]{6}$/i;

/**
 * The state after an event, without the model's part.
 *
 * @throws EventError `what: expected X, got Y` for an event that cannot be
 */
export function advance(state: SessionState, event: NumberedEvent, shape: Zyx): Advance {
  const silent = (next: SessionState): Advance => ({ state: next, ask: [] });
  switch (event.type) {
    case "object":
      return silent({ ...state, objects: withNew(state.objects, event) });
    case "describe": {
      const object = objectOf(state, event);
      const named = { ...object, name: event.name ?? object.name, colour: event.colour ?? object.colour };
      checkWords(named);
      return silent(replace(state, named));
    }
    case "drop":
      objectOf(state, event);
      return silent({
        objects: state.objects.filter(({ label }) => label !== event.label),
        strokes: state.strokes.filter(({ label }) => label !== event.label),
      });
    case "click":
    case "box":
      return prompted(state, event, shape);
    case "predict": {
      const ask = state.objects.filter((object) => waits(object) && canAsk(object)).map(({ label }) => label);
      if (ask.length === 0) throw new EventError("predict: expected an object with waiting prompts, got none");
      return { state, ask };
    }
    case "remove":
      return removed(state, event.event);
    case "reset": {
      const { label, name, colour } = objectOf(state, event);
      const bare = replace(state, { label, name, colour, prompts: [], answered: 0, enlarged: 0 });
      return silent({ ...bare, strokes: bare.strokes.filter((stroke) => stroke.label !== label) });
    }
    case "stroke": {
      const { label, adds, runs } = event;
      objectOf(state, event);
      checkRuns("stroke", runs, voxelCount(shape));
      const box = boxOfRuns(runs, shape);
      if (box === undefined) throw new EventError("stroke: expected voxels, got none");
      return silent({ ...state, strokes: [...state.strokes, { event: event.n, label, adds, runs, box }] });
    }
    case "mask": {
      const { label, name, colour } = objectOf(state, event);
      checkRuns("mask", event.runs, voxelCount(shape));
      const start = { runs: event.runs, box: boxOfRuns(event.runs, shape) };
      const bare = replace(state, { label, name, colour, prompts: [], answered: 0, enlarged: 0, start });
      return silent({ ...bare, strokes: bare.strokes.filter((stroke) => stroke.label !== label) });
    }
    case "enlarge": {
      const object = objectOf(state, event);
      if (!(Number.isInteger(event.voxels) && event.voxels >= 1)) {
        throw new EventError(`enlarge: expected a positive number of voxels, got ${event.voxels}`);
      }
      if (object.answer === undefined) throw new EventError("enlarge: expected an object with an answer, got none");
      return { ...silent(replace(state, { ...object, enlarged: object.enlarged + event.voxels })), ask: [event.label] };
    }
    default:
      throw new EventError(`session: expected a known event, got ${JSON.stringify((event as { type: string }).type)}`);
  }
}

/** Whether the model can say anything: a click outside alone names no object. */
export function canAsk({ prompts, start }: ObjectState): boolean {
  return start?.box !== undefined || prompts.some((prompt) => prompt.kind === "box" || prompt.foreground);
}

export function waits({ prompts, answered }: ObjectState): boolean {
  return answered < prompts.length;
}

/** The state with one object in a new form. */
export function replace(state: SessionState, object: ObjectState): SessionState {
  return { ...state, objects: state.objects.map((other) => (other.label === object.label ? object : other)) };
}

function withNew(objects: readonly ObjectState[], { label, name, colour }: SessionEvent & { type: "object" }) {
  if (!Number.isInteger(label) || label < 1 || label > largestLabel) {
    throw new EventError(`object: label: expected 1 to ${largestLabel}, got ${label}`);
  }
  if (objects.some((object) => object.label === label)) {
    throw new EventError(`object: expected a label that is free, got ${label}`);
  }
  checkWords({ name, colour });
  return [...objects, { label, name, colour, prompts: [], answered: 0, enlarged: 0 }];
}

function checkWords({ name, colour }: { readonly name: string; readonly colour: string }): void {
  if (typeof name !== "string" || name.trim() === "" || name.length > 200) {
    throw new EventError(`object: name: expected 1 to 200 characters, got ${JSON.stringify(name)}`);
  }
  if (!colourPattern.test(colour))
    throw new EventError(`object: colour: expected #rrggbb, got ${JSON.stringify(colour)}`);
}

function objectOf(state: SessionState, event: { readonly type: string; readonly label: number }): ObjectState {
  const found = state.objects.find(({ label }) => label === event.label);
  if (found !== undefined) return found;
  const known = state.objects.map(({ label }) => label).join(", ") || "none";
  throw new EventError(`${event.type}: expected an object that is there (${known}), got ${event.label}`);
}

function prompted(
  state: SessionState,
  event: NumberedEvent & ({ type: "click" } | { type: "box" }),
  shape: Zyx,
): Advance {
  const object = objectOf(state, event);
  const prompt = event.type === "click" ? clickOf(event, shape) : boxOf(event, shape);
  const place = event.type === "box" ? object.prompts.findIndex(({ kind }) => kind === "box") : -1;
  const prompts = place < 0 ? [...object.prompts, prompt] : object.prompts.with(place, prompt);
  const isAnswered = place >= 0 && place < object.answered;
  // What stood in the place of an answered box is gone, so the answers begin anew.
  const { answer: _, ...rest } = object;
  const next: ObjectState = isAnswered ? { ...rest, prompts, answered: 0 } : { ...object, prompts };
  const isAsked = event.waits !== true && canAsk(next);
  return { state: replace(state, next), ask: isAsked ? [event.label] : [] };
}

function clickOf({ n, at, foreground }: NumberedEvent & { type: "click" }, shape: Zyx): Prompt {
  if (!isTriple(at) || !at.every((v, axis) => v >= 0 && v < shape[axis]!)) {
    throw new EventError(`click: expected a voxel (z, y, x) of [${shape}], got [${at}]`);
  }
  if (typeof foreground !== "boolean")
    throw new EventError(`click: foreground: expected true or false, got ${foreground}`);
  return { event: n, kind: "click", at, foreground };
}

function boxOf({ n, min, max }: NumberedEvent & { type: "box" }, shape: Zyx): Prompt {
  const isBox = isTriple(min) && isTriple(max);
  if (!isBox || !min.every((low, axis) => low >= 0 && low < max[axis]! && max[axis]! <= shape[axis]!)) {
    throw new EventError(`box: expected voxels (z, y, x) of [${shape}], min below max, got [${min}] to [${max}]`);
  }
  return { event: n, kind: "box", box: { min, max } };
}

function isTriple(value: unknown): value is Zyx {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isInteger);
}

function removed(state: SessionState, event: number): Advance {
  if (state.strokes.some((stroke) => stroke.event === event)) {
    const strokes = state.strokes.filter((stroke) => stroke.event !== event);
    return { state: { ...state, strokes }, ask: [] };
  }
  const object = state.objects.find(({ prompts }) => prompts.some((prompt) => prompt.event === event));
  if (object === undefined) throw new EventError(`remove: expected the event of a prompt or a stroke, got ${event}`);
  const index = object.prompts.findIndex((prompt) => prompt.event === event);
  const prompts = object.prompts.filter((prompt) => prompt.event !== event);
  if (index >= object.answered) return { state: replace(state, { ...object, prompts }), ask: [] };
  const { answer: _, ...rest } = object;
  const next: ObjectState = { ...rest, prompts, answered: 0 };
  return { state: replace(state, next), ask: prompts.length > 0 && canAsk(next) ? [object.label] : [] };
}
