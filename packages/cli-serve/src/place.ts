import { type CommandError, expectFreeMemory } from "@ensam/core/command";
import { type ImageSession, openImageSession, type SentImage } from "./imageSession.ts";
import { openTurns, type Turns } from "./inTurn.ts";
import type { ServedSettings } from "./servedSettings.ts";
import type { SlotOwner } from "./slots.ts";
import { HttpError } from "./viewerRequest.ts";

/** A viewer's place among all sessions: its requests go in turn, and it has one image at most. */
export interface Place {
  readonly turns: Turns;
  readonly session: ImageSession | undefined;
  /** It was given back or taken away. */
  readonly isOver: boolean;
  touch(): void;
  release(): void;
  /**
   * Opens an image in the place of the one before.
   *
   * @throws HttpError 413 for an image that does not fit into memory; `gone` when the place ended meanwhile
   */
  open(sent: SentImage): Promise<ImageSession>;
}

export interface PlaceRules extends Pick<SlotOwner, "comesBack" | "isLost"> {
  /** Shared with other requests than those of this place. @default turns of its own */
  readonly turns?: Turns;
  /** What a client is told whose place ended while it asked. */
  gone(): HttpError;
  onEnd(): void;
}

/** Takes a place. @throws HttpError 503 when there is none */
export function takePlace(settings: ServedSettings, rules: PlaceRules): Place {
  const { thread, slots, maxVoxels, freeBytes } = settings;
  const { turns = openTurns(), gone, onEnd, comesBack, isLost } = rules;
  let session: ImageSession | undefined;
  let opening = 0;
  let isOver = false;
  const slot = slots.take({
    comesBack,
    ...(isLost && { isLost }),
    isBusy: () => opening > 0 || turns.waiting > 0,
    close() {
      isOver = true;
      onEnd();
      void session?.close().catch(() => undefined);
    },
  });

  /** Beside the image as it came, which is here already. */
  function expectFit({ image: { data } }: SentImage): void {
    try {
      const parts = { ...thread.memoryOf(data.length, maxVoxels), mask: data.length };
      expectFreeMemory("image", parts, freeBytes?.());
    } catch (error) {
      throw new HttpError(413, (error as CommandError).message);
    }
  }

  async function open(sent: SentImage): Promise<ImageSession> {
    expectFit(sent);
    await session?.close();
    session = undefined;
    const opened = await openImageSession(thread, sent, settings);
    if (isOver) {
      await opened.close();
      throw gone();
    }
    session = opened;
    return opened;
  }

  return {
    turns,
    get session() {
      return session;
    },
    get isOver() {
      return isOver;
    },
    touch: () => slot.touch(),
    release: () => slot.release(),
    open(sent) {
      opening++;
      return open(sent).finally(() => opening--);
    },
  };
}
