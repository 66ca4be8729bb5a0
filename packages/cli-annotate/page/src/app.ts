import type { ObjectReport, SessionEvent } from "@ensam/core/session";
import type { BoxDraft } from "../../src/boxDraft.ts";
import type { Zyx } from "../../src/displayGrid.ts";
import { objectColour } from "../../src/objectColour.ts";
import type { CaseState } from "../../src/protocol.ts";
import { RefusedError, server } from "./connection.ts";
import type { Plane, Viewer } from "./viewer.ts";

export type Tool = "click" | "box" | "brush" | "eraser";

/** What the page shows beside the picture; `App` changes it and tells who listens. */
export interface PageState {
  image: CaseState;
  active: number | undefined;
  readonly hidden: Set<number>;
  tool: Tool;
  /** What a left click says. */
  isInside: boolean;
  isLive: boolean;
  brushMm: number;
  draft: BoxDraft | undefined;
  plane: Plane;
  /** Events that are not answered yet, the first one with the server. */
  readonly queue: SessionEvent[];
  isOpening: boolean;
  /** While it opens: a coarse picture of it is there. */
  isCoarse: boolean;
  /**
   * Of the last event that changed a mask: from the mouse to the painted picture, the server's part, the texture's
   * part.
   */
  answered:
    | { readonly milliseconds: number; readonly serverMilliseconds: number; readonly textureMilliseconds: number }
    | undefined;
  message: { readonly text: string; readonly kind: "plain" | "refused" | "failed" };
}

export interface App {
  readonly state: PageState;
  readonly viewer: Viewer;
  /** Called after every change of the state. */
  onChange: () => void;
  open(index: number): Promise<void>;
  startFrom(file: File): Promise<void>;
  /** Sends an event behind those that wait; resolves to whether it was taken. */
  send(event: SessionEvent, from?: number): Promise<boolean>;
  /** Resolves when nothing waits for an answer. */
  answered(): Promise<void>;
  click(at: Zyx, isInside: boolean, from?: number): void;
  commitBox(from?: number): void;
  stroke(runs: readonly number[], adds: boolean): void;
  newObject(): number;
  activate(label: number): void;
  activeObject(): ObjectReport | undefined;
  toggleVisible(label: number): void;
  say(text: string, kind?: PageState["message"]["kind"]): void;
  changed(): void;
}

const nothingFound = { text: "the model finds nothing there; Prompts says what can help", kind: "refused" } as const;

/**
 * A page, its image still to be opened.
 *
 * @param isCoarse  a coarse picture of the image is shown already
 */
export async function openApp(viewer: Viewer, isCoarse: boolean): Promise<App> {
  const state: PageState = {
    image: await server.state(),
    active: undefined,
    hidden: new Set(),
    tool: "click",
    isInside: true,
    isLive: true,
    brushMm: 6,
    draft: undefined,
    plane: "axial",
    queue: [],
    isOpening: true,
    isCoarse,
    answered: undefined,
    message: { text: "", kind: "plain" },
  };
  let queue: Promise<unknown> = Promise.resolve();
  /** Labels that were given out but are not in the report yet. */
  const coming = new Set<number>();

  const app: App = {
    state,
    viewer,
    onChange: () => undefined,
    changed() {
      showColours();
      app.onChange();
    },
    say(text, kind = "plain") {
      state.message = { text, kind };
      app.onChange();
    },
    open: (index) => inTurn(() => show(() => (index === state.image.index ? server.state() : server.open(index)))),
    startFrom: (file) =>
      inTurn(async () => {
        const image = await server.start(file);
        await take(image);
        app.say(`${file.name}: its labels are objects now`);
      }),
    send(event, from = performance.now()) {
      state.queue.push(event);
      app.onChange();
      return inTurn(() => answer(event, from)).catch(() => false) as Promise<boolean>;
    },
    answered: () => queue.then(() => undefined),
    click(at, isInside, from) {
      const label = state.active ?? app.newObject();
      const waits = state.isLive ? {} : { waits: true };
      void app.send({ type: "click", label, at, foreground: isInside, ...waits }, from);
    },
    commitBox(from) {
      const { draft } = state;
      if (draft === undefined) return;
      state.draft = undefined;
      const label = state.active ?? app.newObject();
      void app.send({ type: "box", label, ...draft, ...(state.isLive ? {} : { waits: true }) }, from);
    },
    stroke(runs, adds) {
      if (runs.length === 0) return;
      const label = state.active ?? app.newObject();
      void app.send({ type: "stroke", label, adds, runs });
    },
    newObject() {
      const taken = new Set([...state.image.report.objects.map((object) => object.label), ...coming]);
      let label = 1;
      while (taken.has(label)) label++;
      coming.add(label);
      state.active = label;
      const done = app.send({ type: "object", label, name: `object ${label}`, colour: objectColour(label) });
      void done.then(() => coming.delete(label));
      return label;
    },
    activate(label) {
      state.active = label;
      state.draft = undefined;
      app.changed();
    },
    activeObject: () => state.image.report.objects.find(({ label }) => label === state.active),
    toggleVisible(label) {
      if (!state.hidden.delete(label)) state.hidden.add(label);
      app.changed();
    },
  };

  function showColours(): void {
    const { objects } = state.image.report;
    viewer.setColours(
      new Map(objects.map(({ label, colour }) => [label, { colour, isVisible: !state.hidden.has(label) }])),
    );
  }

  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = queue.then(work);
    queue = result.catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      app.say(text, error instanceof RefusedError ? "refused" : "failed");
    });
    return result;
  }

  async function answer(event: SessionEvent, from: number): Promise<boolean> {
    let isQueued = true;
    try {
      const { labels, changed, milliseconds, ...report } = await server.event(event);
      const isNext = report.n === state.image.n + 1;
      state.image = { ...state.image, report, n: report.n };
      if (!isNext) {
        await take(await server.state());
        app.say("this session was changed in another window too; everything is shown as it is now");
      }
      keepActive();
      if (isNext) state.message = app.activeObject()?.isUnseen ? nothingFound : { text: "", kind: "plain" };
      if (isNext && changed !== undefined) {
        // The picture before the lists beside it.
        state.queue.shift();
        isQueued = false;
        showColours();
        viewer.setBlock(changed.min, changed.max, labels);
        viewer.drawNow();
        void viewer.drawn().then(() => {
          const { textureMilliseconds } = viewer;
          state.answered = {
            milliseconds: performance.now() - from,
            serverMilliseconds: milliseconds,
            textureMilliseconds,
          };
          app.onChange();
        });
      }
      return true;
    } catch (error) {
      // What a brush showed before the answer may not be so.
      if (event.type === "stroke") viewer.setLabels(await server.labels());
      throw error;
    } finally {
      if (isQueued) state.queue.shift();
      app.changed();
    }
  }

  async function show(fetchState: () => Promise<CaseState>): Promise<void> {
    state.isOpening = true;
    app.onChange();
    try {
      const image = await fetchState();
      state.image = image;
      state.draft = undefined;
      state.answered = undefined;
      state.hidden.clear();
      state.active = image.report.objects.at(-1)?.label;
      const [window] = image.windows;
      if (image.hasPreview && !state.isCoarse) {
        await viewer.load(await server.preview(), undefined, window!);
        state.isCoarse = true;
        app.onChange();
        viewer.drawNow();
        await viewer.drawn();
        performance.mark("coarse");
      }
      await viewer.load(await server.image(), image.shape, window!);
      await take(image);
      app.say(image.report.objects.length > 0 ? `goes on from ${image.log}` : (image.notes[0] ?? ""));
    } finally {
      state.isOpening = false;
      state.isCoarse = false;
      app.changed();
    }
  }

  /** Takes over what the server has, masks and all. */
  async function take(image: CaseState): Promise<void> {
    state.image = image;
    viewer.setLabels(await server.labels());
    keepActive();
    app.changed();
  }

  function keepActive(): void {
    const { objects } = state.image.report;
    const isThere = objects.some(({ label }) => label === state.active) || coming.has(state.active ?? 0);
    if (!isThere) state.active = objects.at(-1)?.label;
  }

  return app;
}
