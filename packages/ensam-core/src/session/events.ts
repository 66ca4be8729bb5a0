import type { Zyx } from "../geometry/index.ts";
import { atEvent, EventError } from "./eventError.ts";

/**
 * Voxels of the stored grid as runs: first flat index (C order, x fastest) and length of each, alternating, ascending
 * and apart from each other.
 */
export type FlatRuns = readonly number[];

/**
 * What can happen in a session. Voxels are (z, y, x) of the stored grid; boxes are half-open. Each is data, so that a
 * list of them is the whole session: see `restore` of `openSession`.
 */
export type SessionEvent =
  /** A new object; `label` is its value in the label map. */
  | { readonly type: "object"; readonly label: number; readonly name: string; readonly colour: string }
  /** Another name or colour. */
  | { readonly type: "describe"; readonly label: number; readonly name?: string; readonly colour?: string }
  /** The object goes, with its mask, prompts and strokes. */
  | { readonly type: "drop"; readonly label: number }
  /** With `waits` the model is not asked until a `predict`. */
  | {
      readonly type: "click";
      readonly label: number;
      readonly at: Zyx;
      readonly foreground: boolean;
      readonly waits?: boolean;
    }
  /** Takes the place of the object's box before. */
  | { readonly type: "box"; readonly label: number; readonly min: Zyx; readonly max: Zyx; readonly waits?: boolean }
  /** Asks the model about every prompt that waits. */
  | { readonly type: "predict" }
  /** Takes back one prompt or stroke, wherever it stands: `event` is the number of the event that brought it. */
  | { readonly type: "remove"; readonly event: number }
  /** Takes back all prompts, strokes and the loaded mask of an object. */
  | { readonly type: "reset"; readonly label: number }
  /** The brush (`adds`) or the eraser: it holds whatever the model answers later. */
  | { readonly type: "stroke"; readonly label: number; readonly adds: boolean; readonly runs: FlatRuns }
  /** A mask to start from: shown until the model answers, and then its previous answer. Prompts and strokes go. */
  | { readonly type: "mask"; readonly label: number; readonly runs: FlatRuns }
  /** The model looks at this many voxels more around the object, on each side, and answers again. */
  | { readonly type: "enlarge"; readonly label: number; readonly voxels: number }
  | { readonly type: "undo" }
  | { readonly type: "redo" }
  /** The event before could not be answered (such as out of memory) and counts as never given. Written by the owner. */
  | { readonly type: "failed" };

/** An event with its number in the session, from 1. */
export type NumberedEvent = SessionEvent & { readonly n: number };

/** What undo and redo leave of a list of events. */
export interface Timeline {
  /** The events that count, in order. */
  readonly done: readonly NumberedEvent[];
  /** What redo would bring back, the next one last. */
  readonly undone: readonly NumberedEvent[];
}

export const emptyTimeline: Timeline = { done: [], undone: [] };

/**
 * The timeline after one more event: undo moves the last event aside, redo brings it back, any other event ends what
 * could be redone.
 *
 * @throws EventError when there is nothing to undo or to redo
 */
export function extendTimeline({ done, undone }: Timeline, event: NumberedEvent): Timeline {
  switch (event.type) {
    case "undo":
      if (done.length === 0) throw new EventError("undo: expected an event to undo, got none");
      return { done: done.slice(0, -1), undone: [...undone, done.at(-1)!] };
    case "redo":
      if (undone.length === 0) throw new EventError("redo: expected an event that was undone, got none");
      return { done: [...done, undone.at(-1)!], undone: undone.slice(0, -1) };
    default:
      return { done: [...done, event], undone: [] };
  }
}

/** The timeline of a whole log. A `failed` takes the event before it away as if it had never been given. */
export function timelineOf(events: readonly NumberedEvent[]): Timeline {
  return events
    .filter(({ type }, i) => type !== "failed" && events[i + 1]?.type !== "failed")
    .reduce((timeline, event) => {
      try {
        return extendTimeline(timeline, event);
      } catch (error) {
        throw atEvent(error, event.n);
      }
    }, emptyTimeline);
}
