import { createHash } from "node:crypto";
import { closeSync, existsSync, fdatasync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { FileError } from "../files/index.ts";
import { type AxisTurn, allTurns, axesBefore, isSameTurn, type Zyx } from "../geometry/index.ts";
import type { EventError, NumberedEvent } from "../session/index.ts";

/** The first line of a log: what the events are about, and all that the masks follow from beside them. */
export interface SessionHeader {
  readonly type: "session";
  readonly version: 1;
  readonly image: string;
  readonly shape: Zyx;
  /** SHA-256 of the 8-bit grey levels, which both the image and its window make. */
  readonly greyLevels: string;
  /** How the grey levels were made, for people and for opening the image again. */
  readonly intensity: Readonly<Record<string, unknown>>;
  readonly turn: AxisTurn;
  readonly model: string;
  readonly maxVoxels: number;
  readonly cropWithoutBox?: number;
}

/** A log in use. */
export interface SessionLog {
  readonly path: string;
  /** That of the file, where there was one. */
  readonly header: SessionHeader;
  /** What was in it before. */
  readonly events: readonly NumberedEvent[];
  /** What a user should know about it. */
  readonly notes: readonly string[];
  /** Writes an event behind the others; resolves when it is on the disk. It is in the file when the call returns. */
  append(event: NumberedEvent): Promise<void>;
  /** Closes the file once all that was written is on the disk. */
  close(): Promise<void>;
}

const sync = promisify(fdatasync);

export function hashOf(greyLevels: Uint8Array): string {
  return createHash("sha256").update(greyLevels).digest("hex");
}

/**
 * Opens the log of an image, made if it is missing. The line at which a killed process was writing is cut off, with a
 * note.
 *
 * @throws FileError for a log of another image or one that cannot be read or written; it stays as it is
 */
export function openSessionLog(path: string, header: SessionHeader): SessionLog {
  const isNew = !existsSync(path);
  const found = isNew ? undefined : readSessionLog(path);
  if (found !== undefined) expectSameImage(path, found.header, header);
  let file: number;
  try {
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(path, isNew ? "ax" : "r+");
  } catch (error) {
    throw new FileError(path, "a session's log that can be written", (error as Error).message, { cause: error });
  }
  let end = found?.bytes ?? 0;
  if (!isNew) ftruncateSync(file, end);
  // The syncs under way, which need the file open; whoever asked for one hears of its failure.
  let synced: Promise<unknown> = Promise.resolve();
  const write = (line: unknown): Promise<void> => {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, end + done);
    end += bytes.length;
    const done = sync(file);
    synced = Promise.allSettled([synced, done]);
    return done;
  };
  const ready = found === undefined ? write(header) : Promise.resolve();
  // Without an event nobody asks.
  ready.catch(() => undefined);
  return {
    path,
    header: found?.header ?? header,
    events: found?.events ?? [],
    notes: found?.notes ?? [],
    append: (event) => Promise.all([ready, write(event)]).then(() => undefined),
    async close() {
      await synced;
      closeSync(file);
    },
  };
}

/** The error for an event of a log that cannot be: `refusal.n` is its number. */
export function eventRefused({ path, events }: Pick<SessionLog, "path" | "events">, refusal: EventError): FileError {
  const index = events.findLastIndex(({ n, type }, i) => {
    return n === refusal.n && type !== "failed" && events[i + 1]?.type !== "failed";
  });
  const where = index < 0 ? "" : ` (line ${index + 2})`;
  return new FileError(path, "events that follow from each other", `${refusal.message}${where}`, { cause: refusal });
}

/** The content of a log, and how many bytes of it are whole lines. Reads, never writes. */
export function readSessionLog(path: string): Pick<SessionLog, "header" | "events" | "notes"> & { bytes: number } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new FileError(path, "a session's log", (error as Error).message, { cause: error });
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const lines = whole.split("\n").slice(0, -1);
  const rows = lines.map((line, i) => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      throw new FileError(path, `JSON in line ${i + 1}`, JSON.stringify(line.slice(0, 60)));
    }
  });
  const [header, ...events] = rows;
  if (!isHeader(header)) {
    throw new FileError(
      path,
      "the log of a session (its first line says so)",
      JSON.stringify(lines[0] ?? "").slice(0, 80),
    );
  }
  for (const [i, event] of events.entries()) {
    const missing = missingOf(event);
    if (missing !== undefined) {
      throw new FileError(path, `an event with ${missing} in line ${i + 2}`, lines[i + 1]!.slice(0, 80));
    }
  }
  const notes = whole.length < text.length ? [`${path}: the last line was not whole and does not count`] : [];
  return { header, events: events as NumberedEvent[], notes, bytes: Buffer.byteLength(whole) };
}

function isHeader(value: unknown): value is SessionHeader {
  const header = value as SessionHeader | null;
  return (
    header?.type === "session" &&
    header.version === 1 &&
    typeof header.greyLevels === "string" &&
    Array.isArray(header.shape) &&
    isTurn(header.turn)
  );
}

function isTurn(value: unknown): value is AxisTurn {
  const turn = value as AxisTurn | null | undefined;
  return Array.isArray(turn?.order) && Array.isArray(turn.flips) && allTurns.some((known) => isSameTurn(known, turn));
}

/** What a line lacks to be an event, in words. */
function missingOf(value: unknown): string | undefined {
  const event = value as NumberedEvent | null;
  if (typeof event?.type !== "string") return `a "type"`;
  return Number.isInteger(event.n) && event.n > 0 ? undefined : `its number "n", from 1,`;
}

/**
 * What is compared: the shape, the order and sense of the axes, and the grey levels.
 *
 * @throws FileError for a log of another image
 */
export function expectSameImage(
  path: string,
  there: Pick<SessionHeader, "image" | "shape" | "turn" | "greyLevels" | "intensity">,
  here: Pick<SessionHeader, "shape" | "turn" | "greyLevels">,
): void {
  if (there.shape.join() !== here.shape.join()) {
    throw new FileError(path, `the session of an image of ${here.shape.join(" x ")} voxels`, there.shape.join(" x "));
  }
  if (!isSameTurn(there.turn, here.turn)) {
    throw new FileError(path, `the session of an image with axes ${axesBefore(here.turn)}`, axesBefore(there.turn));
  }
  if (there.greyLevels === here.greyLevels) return;
  const how = `${there.image} with ${JSON.stringify(there.intensity)}`;
  throw new FileError(path, "the session of this image with these grey levels", `that of other grey levels (${how})`);
}
