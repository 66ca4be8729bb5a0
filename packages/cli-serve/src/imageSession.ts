import { type AxisTurn, type Box, uniteBoxes, voxelCount, type Zyx } from "@ensam/core/geometry";
import { flatRunsOf, type SessionAnswer, type SessionEvent } from "@ensam/core/session";
import type { SessionThread, ThreadSession } from "@ensam/core/sessionThread";
import { type Grid, guessedGreyLevels, type Mask, pasteInto } from "@ensam/core/voxels";
import { thickBox } from "./thickBox.ts";

/** An image as a viewer sent it. */
export interface SentImage {
  readonly image: Grid;
  /** mm along (z, y, x). */
  readonly spacing: Zyx;
  /** How the model sees it; `noTurn` where the protocol says nothing of directions. */
  readonly turn: AxisTurn;
}

export interface ImageSettings {
  readonly cropWithoutBox: number;
  readonly maxVoxels?: number | undefined;
}

/** One object in one image, and its mask. Voxels are (z, y, x) of the image as it was sent. */
export interface ImageSession {
  readonly shape: Zyx;
  /** 1 inside; kept up to date in place. */
  readonly mask: Mask;
  /** Whether the model answered; with `waits`, or for a click outside before any inside, it did not. */
  click(at: Zyx, foreground: boolean, waits?: boolean): Promise<boolean>;
  /** A thin box is made thicker: see `thickBox`. It is cut to the image and replaces a box before. */
  box(box: Box, waits?: boolean): Promise<boolean>;
  /** Begins anew with a mask of its shape. */
  startFrom(mask: ArrayLike<number>): Promise<void>;
  /** Takes the last prompt or mask back; false where there is none since the reset. */
  undo(): Promise<boolean>;
  reset(): Promise<void>;
  /** The box around every voxel that changed since the last call. */
  takeChanged(): Box | undefined;
  close(): Promise<void>;
}

const label = 1;

/** After so much history the session is opened anew at its next reset; a run of a mask counts a hundredth. */
const mostHistory = 500;

/** Opens a session for one object at a time. */
export async function openImageSession(
  thread: SessionThread,
  { image, spacing, turn }: SentImage,
  { cropWithoutBox, maxVoxels }: ImageSettings,
): Promise<ImageSession> {
  const { shape } = image;
  const grey = shared(guessedGreyLevels(image, {}).image);
  const mask = { data: new Uint8Array(voxelCount(shape)), shape };
  let live: ThreadSession;
  let history = 0;
  let undoable = 0;
  let changed: Box | undefined;

  async function open(): Promise<void> {
    const header = { image: "from a viewer", intensity: {}, turn, cropWithoutBox, maxVoxels };
    live = await thread.open({ image: grey, spacing, header });
    history = 0;
    await live.apply({ type: "object", label, name: "object", colour: "#e6a23c" });
  }

  async function apply(event: SessionEvent): Promise<SessionAnswer> {
    const answer = await live.apply(event);
    history++;
    if (answer.changed !== undefined) {
      const { box, labels } = answer.changed;
      const size: Zyx = [box.max[0] - box.min[0], box.max[1] - box.min[1], box.max[2] - box.min[2]];
      pasteInto(mask, { data: labels, shape: size }, box.min);
      changed = changed === undefined ? box : uniteBoxes(changed, box);
    }
    return answer;
  }

  async function prompt(event: SessionEvent): Promise<boolean> {
    const { objects } = await apply(event);
    undoable++;
    return objects[0]!.waiting === 0;
  }

  async function reset(): Promise<void> {
    if (history < mostHistory) await apply({ type: "reset", label });
    else {
      await live.close();
      await open();
      if (mask.data.includes(1)) changed = { min: [0, 0, 0], max: shape };
      mask.data.fill(0);
    }
    undoable = 0;
  }

  await open();
  return {
    shape,
    mask,
    reset,
    click: (at, foreground, waits = false) => prompt({ type: "click", label, at, foreground, waits }),
    box: (box, waits = false) => prompt({ type: "box", label, ...thickBox(box, spacing, shape), waits }),
    async startFrom(data) {
      await reset();
      const runs = flatRunsOf(data);
      await apply({ type: "mask", label, runs });
      history += runs.length / 200;
      undoable++;
    },
    async undo() {
      if (undoable === 0) return false;
      await apply({ type: "undo" });
      undoable--;
      return true;
    },
    takeChanged() {
      const box = changed;
      changed = undefined;
      return box;
    },
    close: () => live.close(),
  };
}

/** In memory that the session's thread sees too. */
function shared({ data, shape }: Grid<Uint8Array>): Grid<Uint8Array> {
  const copy = new Uint8Array(new SharedArrayBuffer(data.length));
  copy.set(data);
  return { data: copy, shape };
}
