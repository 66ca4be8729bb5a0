import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { decodeNpy } from "@ensam/core/files";
import { noTurn, voxelCount, type Zyx } from "@ensam/core/geometry";
import type { VoxelArray } from "@ensam/core/voxels";
import { formOf } from "../formData.ts";
import type { ImageSession } from "../imageSession.ts";
import { openTurns } from "../inTurn.ts";
import { type Place, takePlace } from "../place.ts";
import type { ServedSettings } from "../servedSettings.ts";
import { unpacked } from "../unpack.ts";
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

const pack = promisify(gzip);
const routes = new Set([
  ...["upload_image", "upload_segment", "add_point_interaction", "add_bbox_interaction"],
  ...["add_lasso_interaction", "add_scribble_interaction"],
]);
/** An npy file's header, and the form around it. */
const headerRoom = 2 * smallBody;

/**
 * The protocol of SlicerNNInteractive 0.x. It knows no sessions: there is one image, whoever sent it. Its paths are
 * also those of nnInteractive 2.x, whose clients send a lease.
 */
export function slicer0(settings: ServedSettings): Protocol {
  const { slots, imageBytes } = settings;
  const turns = openTurns();
  let current: Place | undefined;

  async function answer(request: ViewerRequest): Promise<ViewerReply> {
    const [route] = request.path;
    if (route === undefined) return { type: "text/plain; charset=utf-8", body: "ensam-serve\n" };
    if (request.method !== "POST") throw new HttpError(405, `${route}: expected POST, got ${request.method}`);
    return turns(async () => {
      slots.sweep();
      if (route === "upload_image") return uploadImage(request);
      current?.touch();
      const session = current?.session;
      // The client answers this with the image, and then asks again.
      if (session === undefined) return json({ status: "error", message: "No image uploaded" });
      switch (route) {
        case "upload_segment":
          return uploadSegment(session, request);
        case "add_point_interaction": {
          const { voxel_coord: at, positive_click = true } = await bodyObject(request);
          if (!isWholeTriple(at)) throw new HttpError(400, "voxel_coord: expected three whole numbers");
          await session.click(at, isPositive(positive_click));
          return maskReply(session);
        }
        case "add_bbox_interaction": {
          const { outer_point_one: a, outer_point_two: b, positive_click = true } = await bodyObject(request);
          if (!isWholeTriple(a) || !isWholeTriple(b)) {
            throw new HttpError(400, "outer_point_one, outer_point_two: expected three whole numbers each");
          }
          if (!isPositive(positive_click))
            throw new HttpError(400, "box: expected one around the object, got one outside of it");
          // Both corners belong to the box.
          const min = a.map((value, axis) => Math.min(value, b[axis]!)) as unknown as Zyx;
          const max = a.map((value, axis) => Math.max(value, b[axis]!) + 1) as unknown as Zyx;
          await session.box({ min, max });
          return maskReply(session);
        }
        default:
          throw new HttpError(400, `${route}: expected points and boxes, which this model takes`);
      }
    });
  }

  async function uploadImage(request: ViewerRequest): Promise<ViewerReply> {
    const file = (await formOf(request, imageBytes + headerRoom)).file("file");
    if (file === undefined) throw new HttpError(400, "file: expected a part with the image, got none");
    const image = volumeOf("image", file.bytes);
    current?.release();
    const place = takePlace(settings, {
      comesBack: true,
      turns,
      gone: () => new HttpError(503, "image: expected a server that goes on"),
      onEnd: () => {
        current = undefined;
      },
    });
    try {
      // Arrays come without spacing and directions.
      await place.open({ image, spacing: [1, 1, 1], turn: noTurn });
    } catch (error) {
      place.release();
      throw error;
    }
    current = place;
    return json({ status: "ok" });
  }

  async function uploadSegment(session: ImageSession, request: ViewerRequest): Promise<ViewerReply> {
    const count = voxelCount(session.shape);
    const file = (await formOf(request, 8 * count + headerRoom)).file("file");
    if (file === undefined) throw new HttpError(400, "file: expected a part with the mask, got none");
    const { data, shape } = volumeOf("mask", await unpacked("mask", file.bytes, 8 * count + headerRoom));
    if (shape.join() !== session.shape.join()) {
      throw new HttpError(400, `mask: expected the image's shape [${session.shape}], got [${shape}]`);
    }
    if (data.some((value) => value !== 0)) await session.startFrom(data);
    else await session.reset();
    return json({ status: "ok" });
  }

  return {
    name: "SlicerNNInteractive 0.x",
    takes: ({ path, headers, method }) =>
      path.length === 0
        ? method === "GET"
        : path.length === 1 && routes.has(path[0]!) && headers["x-lease-token"] === undefined,
    answer,
    refuse: detail,
  };
}

/** One bit a voxel in C order, the first in the highest bit; packed by gzip. */
async function maskReply({ mask: { data } }: ImageSession): Promise<ViewerReply> {
  const bits = new Uint8Array(Math.ceil(data.length / 8));
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) bits[i >> 3]! |= 0x80 >> (i & 7);
  const body = await pack(bits, { level: 1 });
  return { type: "application/octet-stream", body, headers: { "Content-Encoding": "gzip" } };
}

function volumeOf(what: string, bytes: Buffer): { readonly data: VoxelArray; readonly shape: Zyx } {
  if (/'descr':\s*'\|?O/.test(bytes.toString("latin1", 0, 256))) {
    throw new HttpError(400, `${what}: expected numbers, got Python objects`);
  }
  const array = decodeNpy(what, bytes);
  if (!("data" in array) || array.shape.length !== 3 || array.shape.some((size) => size < 1)) {
    throw new HttpError(400, `${what}: expected numbers with three axes, got the shape [${array.shape}]`);
  }
  return { data: array.data, shape: array.shape as unknown as Zyx };
}

async function bodyObject(request: ViewerRequest): Promise<Record<string, unknown>> {
  return jsonObject("body", (await request.body(smallBody)).toString());
}

function isPositive(value: unknown): boolean {
  if (typeof value !== "boolean") throw new HttpError(400, "positive_click: expected true or false");
  return value;
}

function isWholeTriple(value: unknown): value is Zyx {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isSafeInteger);
}
