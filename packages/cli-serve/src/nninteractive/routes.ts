import { randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Box, boxShape, noTurn, uniteBoxes, type Zyx } from "@ensam/core/geometry";
import { boundingBox, crop } from "@ensam/core/voxels";
import type { ImageSession } from "../imageSession.ts";
import { type Place, takePlace } from "../place.ts";
import type { ServedSettings } from "../servedSettings.ts";
import {
  detail,
  HttpError,
  json,
  jsonObject,
  type Protocol,
  smallBody,
  type ViewerReply,
  type ViewerRequest,
} from "../viewerRequest.ts";
import { bytesOfType, decodeWireArray, encodeWireArray, voxelsOf } from "./wireArray.ts";

/** A client with its claim. */
interface Lease {
  readonly place: Place;
  /** When any request of it came last. */
  seen: number;
  /** When it did something last. */
  used: number;
  target?: { readonly shape: Zyx; readonly dtype: string };
  /** What the client's own mask may hold that no reply has told: it is repeated with the next one. */
  unsure?: Box | undefined;
}

const livenessSeconds = 60;
const pack = promisify(gzip);
/** Replies under this are not worth packing. */
const smallReply = 1024;
const routes = new Set([
  ...["claim", "capabilities", "healthz", "set_image", "set_target_buffer", "set_do_autozoom", "undo"],
  ...["add_point_interaction", "add_bbox_interaction", "add_scribble_interaction", "add_lasso_interaction"],
  ...["add_initial_seg_interaction", "reset_interactions", "heartbeat", "lease_status", "release"],
]);
const targetTypes = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"];

/** nnInteractive's protocol 2.x: SlicerNNInteractive from 1.0, napari-nninteractive, nninteractive-client. */
export function nnInteractive(settings: ServedSettings): Protocol {
  const { slots, imageBytes, apiKey } = settings;
  const leases = new Map<string, Lease>();

  function expectKey({ headers }: ViewerRequest): void {
    if (apiKey === undefined) return;
    const credentials = Buffer.from(headers.authorization ?? "");
    const wanted = Buffer.from(`Bearer ${apiKey}`);
    if (credentials.length !== wanted.length || !timingSafeEqual(credentials, wanted)) {
      throw new HttpError(401, "expected the key of this server (--api-key), got none or another");
    }
  }

  function claim(): ViewerReply {
    const token = randomBytes(24).toString("hex");
    const now = Date.now();
    const place = takePlace(settings, {
      comesBack: false,
      isLost: (time) => time - lease.seen > livenessSeconds * 1000,
      gone,
      onEnd: () => leases.delete(token),
    });
    const lease: Lease = { place, seen: now, used: now };
    leases.set(token, lease);
    return json({
      lease_token: token,
      idle_timeout_seconds: slots.idleMilliseconds / 1000,
      liveness_timeout_seconds: livenessSeconds,
      max_sessions: slots.limit,
    });
  }

  function leaseOf({ headers }: ViewerRequest): Lease {
    slots.sweep();
    const lease = leases.get(String(headers["x-lease-token"] ?? ""));
    if (lease === undefined) throw gone();
    lease.seen = Date.now();
    return lease;
  }

  async function answer(request: ViewerRequest): Promise<ViewerReply> {
    const [route] = request.path;
    const isRead = route === "healthz" || route === "capabilities" || route === "lease_status";
    if (request.method !== (isRead ? "GET" : "POST")) {
      throw new HttpError(405, `${route}: expected ${isRead ? "GET" : "POST"}, got ${request.method}`);
    }
    if (route === "healthz") return json({ ok: true });
    expectKey(request);
    if (route === "claim") return claim();
    if (route === "release") {
      leases.get(String(request.headers["x-lease-token"] ?? ""))?.place.release();
      return json({ released: true });
    }
    if (route === "capabilities") return json(capabilities);
    const lease = leaseOf(request);
    if (route === "heartbeat" || route === "lease_status") {
      const idle = slots.idleMilliseconds / 1000;
      const remaining_seconds = Math.max(0, idle - (Date.now() - lease.used) / 1000);
      return json({ remaining_seconds, ...(route === "lease_status" && { idle_timeout_seconds: idle }) });
    }
    const limit = takesArray(route!) ? imageBytes + smallBody : smallBody;
    return lease.place.turns(async () => {
      if (lease.place.isOver) throw gone();
      const touch = () => {
        lease.used = lease.seen = Date.now();
        lease.place.touch();
      };
      touch();
      try {
        return await act(lease, route!, request, await request.body(limit));
      } finally {
        touch();
      }
    });
  }

  async function act(lease: Lease, route: string, request: ViewerRequest, body: Buffer): Promise<ViewerReply> {
    switch (route) {
      case "set_image":
        return setImage(lease, request, body);
      case "set_target_buffer":
        return setTarget(lease, jsonObject("body", body.toString()));
      case "set_do_autozoom":
        return json({});
      case "reset_interactions": {
        const session = sessionOf(lease);
        await session.reset();
        session.takeChanged();
        lease.unsure = undefined;
        return json({});
      }
      case "undo":
        return prediction(lease, request, await sessionOf(lease).undo());
      case "add_point_interaction": {
        const { coordinates, ...flags } = jsonObject("body", body.toString());
        if (!isWholeTriple(coordinates)) throw new HttpError(400, "coordinates: expected three whole numbers");
        const { isInside, waits } = flagsOf(flags);
        return prediction(lease, request, await sessionOf(lease).click(coordinates, isInside, waits));
      }
      case "add_bbox_interaction": {
        const { bbox_coords, ...flags } = jsonObject("body", body.toString());
        const box = boxOf("bbox_coords", bbox_coords);
        const { isInside, waits } = flagsOf(flags);
        if (!isInside) throw new HttpError(400, "box: expected one around the object, got one outside of it");
        return prediction(lease, request, await sessionOf(lease).box(box, waits));
      }
      case "add_initial_seg_interaction":
        return startFrom(lease, request, body);
      default:
        throw new HttpError(400, `${route}: expected points and boxes, which this model takes (see /capabilities)`);
    }
  }

  async function setImage(lease: Lease, request: ViewerRequest, body: Buffer): Promise<ViewerReply> {
    const meta = metaOf(request);
    const array = decodeWireArray(body, imageBytes);
    const [channels, ...shape] = array.shape;
    if (channels !== 1 || shape.length !== 3) {
      throw new HttpError(400, `image: expected the shape [1, a, b, c], got [${array.shape}]`);
    }
    const spacing = spacingOf(meta);
    const image = { data: voxelsOf(array), shape: shape as unknown as Zyx };
    delete lease.target;
    lease.unsure = undefined;
    // Arrays come without directions.
    await lease.place.open({ image, spacing, turn: noTurn });
    return json({ original_image_shape: array.shape });
  }

  function setTarget(lease: Lease, { shape, dtype }: Record<string, unknown>): ViewerReply {
    const session = sessionOf(lease);
    if (typeof dtype !== "string" || !targetTypes.includes(dtype)) {
      throw new HttpError(400, `dtype: expected one of ${targetTypes}, got ${JSON.stringify(dtype)?.slice(0, 40)}`);
    }
    if (!isWholeTriple(shape) || shape.join() !== session.shape.join()) {
      throw new HttpError(
        400,
        `shape: expected the image's [${session.shape}], got ${JSON.stringify(shape)?.slice(0, 80)}`,
      );
    }
    lease.target = { shape, dtype };
    // The new buffer may hold anything.
    lease.unsure = boundingBox(session.mask);
    return json({});
  }

  async function startFrom(lease: Lease, request: ViewerRequest, body: Buffer): Promise<ViewerReply> {
    const session = sessionOf(lease);
    if (metaOf(request).run_prediction === true) {
      throw new HttpError(400, "run_prediction: expected false (a mask alone is no prompt; click or draw a box too)");
    }
    const array = decodeWireArray(body, imageBytes);
    if (array.shape.join() !== session.shape.join()) {
      throw new HttpError(400, `mask: expected the image's shape [${session.shape}], got [${array.shape}]`);
    }
    const data = voxelsOf(array);
    if (data.some((value) => value !== 0)) await session.startFrom(data);
    else await session.reset();
    // The client may show the mask already, or nothing: what is there now is told with the next prediction.
    const box = session.takeChanged();
    if (box !== undefined) lease.unsure = lease.unsure === undefined ? box : uniteBoxes(lease.unsure, box);
    return noChange(false);
  }

  function sessionOf({ place: { session } }: Lease): ImageSession {
    if (session === undefined) throw new HttpError(400, "expected an image before that (set_image)");
    return session;
  }

  async function prediction(lease: Lease, request: ViewerRequest, ran: boolean): Promise<ViewerReply> {
    const session = sessionOf(lease);
    const changed = session.takeChanged();
    const known = lease.unsure;
    const box = changed && known ? uniteBoxes(changed, known) : (changed ?? (ran ? known : undefined));
    if (box === undefined) return noChange(ran);
    lease.unsure = undefined;
    const dtype = lease.target?.dtype ?? "uint8";
    const shape = boxShape(box);
    const meta = { ran_prediction: true, bbox: box.min.map((low, axis) => [low, box.max[axis]]), dtype, shape };
    const body = encodeWireArray({ dtype, shape, bytes: widened(crop(session.mask, box).data, bytesOfType(dtype)!) });
    const headers = { "X-Meta": JSON.stringify(meta) };
    const packs = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    if (!packs || body.length < smallReply) return { type: binary, body, headers };
    return { type: binary, body: await pack(body, { level: 1 }), headers: { ...headers, "Content-Encoding": "gzip" } };
  }

  return {
    name: "nnInteractive",
    takes: ({ path }) => path.length === 1 && routes.has(path[0]!),
    answer,
    refuse: detail,
  };
}

/** Clients read each of these without a default; the channels are those of nnInteractive's own network and mean nothing here. */
const capabilities = {
  supported_interactions: { points: true, bbox2d: true, bbox3d: true, scribble: false, lasso: false },
  channel_mapping: { prev_seg: 0, bbox2d: [1, 2], bbox3d: [1, 2], points: [3, 4] },
  num_interaction_channels: 7,
  supports_initial_label: true,
  supports_zero_shot_label_refinement: false,
  preferred_scribble_thickness: [2, 2, 2],
  interaction_decay: 0.98,
  do_autozoom: false,
  inference_session_version: "2.5.1",
  supports_undo: true,
};

function gone(): HttpError {
  return new HttpError(410, "lease: expected one that was claimed and is not over; connect again");
}

const binary = "application/octet-stream";

function noChange(ran: boolean): ViewerReply {
  const meta = { ran_prediction: ran, bbox: null };
  return { type: binary, body: "", headers: { "X-Meta": JSON.stringify(meta) } };
}

function takesArray(route: string): boolean {
  return route === "set_image" || route === "add_initial_seg_interaction";
}

function metaOf({ headers }: ViewerRequest): Record<string, unknown> {
  const text = headers["x-meta"];
  return text === undefined ? {} : jsonObject("X-Meta", String(text));
}

function spacingOf({ image_properties }: Record<string, unknown>): Zyx {
  const spacing = (image_properties as { spacing?: unknown } | null | undefined)?.spacing;
  if (spacing === undefined || spacing === null) return [1, 1, 1];
  const isSpacing = Array.isArray(spacing) && spacing.length === 3 && spacing.every((v) => Number.isFinite(v) && v > 0);
  if (!isSpacing) throw new HttpError(400, "spacing: expected three positive numbers, in mm");
  return spacing as unknown as Zyx;
}

function flagsOf({ include_interaction = true, run_prediction = true }: Record<string, unknown>) {
  if (typeof include_interaction !== "boolean" || typeof run_prediction !== "boolean") {
    throw new HttpError(400, "include_interaction, run_prediction: expected true or false");
  }
  return { isInside: include_interaction, waits: !run_prediction };
}

function boxOf(where: string, value: unknown): Box {
  const isBox =
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isSafeInteger));
  if (!isBox) throw new HttpError(400, `${where}: expected three pairs of whole numbers`);
  const pairs = (value as [number, number][]).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  return {
    min: pairs.map(([low]) => low) as unknown as Zyx,
    max: pairs.map(([, high]) => high) as unknown as Zyx,
  };
}

function isWholeTriple(value: unknown): value is Zyx {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isSafeInteger);
}

/** Ones and zeros as little-endian items of so many bytes. */
function widened(mask: Uint8Array, itemBytes: number): Uint8Array {
  if (itemBytes === 1) return mask;
  const wide = new Uint8Array(mask.length * itemBytes);
  for (let i = 0; i < mask.length; i++) wide[i * itemBytes] = mask[i]!;
  return wide;
}
