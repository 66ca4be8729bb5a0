import type { SessionThread } from "@ensam/core/sessionThread";
import type { ImageSettings } from "./imageSession.ts";
import type { Slots } from "./slots.ts";

/** What every protocol works with. */
export interface ServedSettings extends ImageSettings {
  readonly thread: SessionThread;
  readonly slots: Slots;
  /** Bytes of an image, unpacked. */
  readonly imageBytes: number;
  /** Bytes of memory that there are. @default what the machine has now */
  readonly freeBytes?: () => number;
  /** For the protocols whose clients can send one. */
  readonly apiKey?: string | undefined;
}
