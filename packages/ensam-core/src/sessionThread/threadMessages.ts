import type { ModelConfig } from "../inference/index.ts";
import type { SessionEvent } from "../session/index.ts";
import type { DeviceOptions } from "../tensors/index.ts";
import type { Grid, Zyx } from "../voxels/index.ts";
import type { SessionHeader } from "./sessionLog.ts";

/** What a thread computes with. */
export interface ThreadSettings {
  /** A run folder or a .safetensors file. */
  readonly model: string;
  readonly device: string;
  readonly deviceOptions?: DeviceOptions;
}

/** An image for a session. */
export interface SessionImage {
  readonly image: Grid<Uint8Array>;
  /** Voxel size as stored, mm along (z, y, x): looked at by models that take positions in mm only. */
  readonly spacing?: Zyx | undefined;
  readonly header: Omit<SessionHeader, "type" | "version" | "shape" | "greyLevels" | "model" | "maxVoxels"> & {
    /** @default what the model was trained with, else the paper's */
    readonly maxVoxels?: number | undefined;
  };
  /** Where its events are written, and read when it was opened before; without it nothing is. */
  readonly log?: string | undefined;
}

/** What goes over to the thread: `id` is the session. */
export type ThreadRequest =
  | { readonly type: "start"; readonly settings: ThreadSettings }
  | { readonly type: "open"; readonly id: number; readonly image: SessionImage }
  | { readonly type: "apply"; readonly id: number; readonly event: SessionEvent }
  | { readonly type: "report" | "labels" | "close"; readonly id: number }
  | { readonly type: "stop" };

export type ThreadReply =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly step: readonly [done: number, all: number] }
  | { readonly call: number; readonly error: ThreadError };

export interface ThreadError {
  /** The event could not be; nothing changed. */
  readonly isRefusal: boolean;
  readonly message: string;
  readonly exitCode: number;
}

export interface Started {
  readonly device: string;
  readonly model: string;
  readonly maxVoxels: number;
  readonly config: ModelConfig;
  /** Whether tensors lie in the memory of a graphics card. */
  readonly isGpu: boolean;
}

export interface Opened {
  readonly header: SessionHeader;
  /** What its log said, and whether another model wrote it. */
  readonly notes: readonly string[];
  /** The number of the last event, 0 for a new session. */
  readonly lastEvent: number;
  /** Events that were in the log. */
  readonly restored: number;
}
