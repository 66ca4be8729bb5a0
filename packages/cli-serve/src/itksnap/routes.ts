import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { affineOfLps, determinant, turnToLps, voxelCount, type Zyx } from "@ensam/core/geometry";
import { formOf } from "../formData.ts";
import type { SentImage } from "../imageSession.ts";
import { type Place, takePlace } from "../place.ts";
import type { ServedSettings } from "../servedSettings.ts";
import { unpacked } from "../unpack.ts";
import {
  HttpError,
  json,
  jsonObject,
  type Protocol,
  smallBody,
  type ViewerReply,
  type ViewerRequest,
} from "../viewerRequest.ts";

const pack = promisify(gzip);
const modelId = "ensam";
/** Every part begins with a digit, as the client reads it; it asks for 0.1.2 or later. */
const protocolVersion = "0.1.2";
const withoutId = new Set(["status", "models", "start_session"]);
const withId = new Set([
  ...["start_session", "end_session", "upload_raw", "reset_interactions"],
  ...["process_point_interaction", "process_scribble_interaction", "process_lasso_interaction"],
]);

/** ITK-SNAP's deep learning server, the paths of 4.4 and those under /v2 of later versions, which mix both. */
export function itkSnap(settings: ServedSettings): Protocol {
  const { slots, imageBytes } = settings;
  const connections = new Map<string, Place>();

  async function answer(request: ViewerRequest): Promise<ViewerReply> {
    const [action, id = ""] = routeOf(request);
    slots.sweep();
    const method = action === "upload_raw" || /scribble|lasso/.test(action!) ? "POST" : "GET";
    if (request.method !== method) throw new HttpError(405, `${action}: expected ${method}, got ${request.method}`);
    switch (action) {
      case "status":
        return json({ status: "ok", version: protocolVersion });
      case "models":
        return json({ models: [{ id: modelId, channels: [1], dimensions: 3, interactions: ["point"] }] });
      case "start_session":
        if (id !== "" && id !== modelId) throw new HttpError(404, `model: expected ${modelId}, got ${id}`);
        return json({ session_id: start() });
      case "end_session":
        connections.get(id)?.release();
        return json({ status: "success" });
      case "process_scribble_interaction":
      case "process_lasso_interaction":
        throw new HttpError(400, "expected points, which this model takes, got a stroke or a polygon");
    }
    const connection = connections.get(id);
    if (connection === undefined) throw gone();
    return connection.turns(async () => {
      connection.touch();
      try {
        if (action === "upload_raw") return await upload(connection, request);
        if (action === "reset_interactions") {
          await connection.session?.reset();
          return json({ status: "success" });
        }
        return await click(connection, request.query);
      } finally {
        connection.touch();
      }
    });
  }

  function start(): string {
    const id = randomBytes(16).toString("hex");
    connections.set(id, takePlace(settings, { comesBack: false, gone, onEnd: () => connections.delete(id) }));
    return id;
  }

  async function upload(connection: Place, request: ViewerRequest): Promise<ViewerReply> {
    const form = await formOf(request, imageBytes + smallBody);
    await connection.open(await imageOf(form.file("file")?.bytes, form.field("metadata"), imageBytes));
    return json({ status: "success" });
  }

  return {
    name: "ITK-SNAP",
    takes(request) {
      const [action, ...more] = routeOf(request);
      return (more.length === 0 && withoutId.has(action!)) || (more.length === 1 && withId.has(action!));
    },
    answer,
    // The client shows the body as it is.
    refuse: ({ status, message, headers }) => ({ status, type: "text/plain; charset=utf-8", body: message, headers }),
  };
}

function gone(): HttpError {
  return new HttpError(404, "session: expected one that is open; choose the server again in ITK-SNAP's preferences");
}

function routeOf({ path }: ViewerRequest): readonly string[] {
  return path[0] === "v2" ? path.slice(1) : path;
}

/** The whole mask each time, x fastest, gzip and base64 in one line. */
async function click({ session }: Place, query: URLSearchParams): Promise<ViewerReply> {
  if (session === undefined) throw new HttpError(400, "expected an image before the first click");
  const coordinates = query.has("point") ? query.getAll("point") : ["x", "y", "z"].map((name) => query.get(name) ?? "");
  if (coordinates.length !== 3 || !coordinates.every((text) => /^-?\d{1,9}$/.test(text))) {
    throw new HttpError(
      400,
      `point: expected three whole numbers, got ${JSON.stringify(coordinates.join(",").slice(0, 40))}`,
    );
  }
  const foreground = query.get("foreground") ?? "true";
  if (!/^(true|false)$/i.test(foreground)) throw new HttpError(400, "foreground: expected true or false");
  const [x, y, z] = coordinates.map(Number) as [number, number, number];
  await session.click([z, y, x], foreground.toLowerCase() === "true");
  const result = (await pack(session.mask.data, { level: 1 })).toString("base64");
  return json({ status: "success", result });
}

/** float32 voxels, x fastest, and their place in LPS. */
async function imageOf(file: Buffer | undefined, metadata: string | undefined, limit: number): Promise<SentImage> {
  if (file === undefined || metadata === undefined) throw new HttpError(400, "expected the parts file and metadata");
  const {
    dimensions,
    spacing,
    origin,
    direction,
    components_per_pixel: components = 1,
  } = jsonObject("metadata", metadata);
  if (components !== 1) throw new HttpError(400, `image: expected one value a voxel, got ${components}`);
  if (!isNumbers(dimensions, 3) || !dimensions.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new HttpError(400, "dimensions: expected three whole numbers from 1");
  }
  const shape: Zyx = [dimensions[2]!, dimensions[1]!, dimensions[0]!];
  const bytes = 4 * voxelCount(shape);
  if (bytes > limit) {
    const mib = (count: number) => Math.ceil(count / 2 ** 20);
    throw new HttpError(413, `image: expected at most ${mib(limit)} MiB unpacked (--max-image), got ${mib(bytes)} MiB`);
  }
  if (!isNumbers(spacing, 3) || !spacing.every((mm) => mm > 0))
    throw new HttpError(400, "spacing: expected three positive numbers");
  if (!isNumbers(origin, 3) || !isNumbers(direction, 9))
    throw new HttpError(400, "origin, direction: expected 3 and 9 numbers");
  const affine = affineOfLps(spacing, direction, origin);
  if (!(Math.abs(determinant(affine)) > 0)) throw new HttpError(400, "direction: expected three axes, got fewer");
  const raw = await unpacked("image", file, bytes);
  if (raw.length !== bytes) throw new HttpError(400, `image: expected ${bytes} bytes of float32, got ${raw.length}`);
  const data = new Float32Array(voxelCount(shape));
  new Uint8Array(data.buffer).set(raw);
  const [x, y, z] = spacing as [number, number, number];
  return { image: { data, shape }, spacing: [z, y, x], turn: turnToLps(affine) };
}

function isNumbers(value: unknown, count: number): value is number[] {
  return Array.isArray(value) && value.length === count && value.every(Number.isFinite);
}
