import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MaskImage, readImage, writeMask } from "@ensam/core/files";
import { noTurn, turnToLps } from "@ensam/core/geometry";
import type { Mask } from "@ensam/core/voxels";
import { formOf } from "../formData.ts";
import type { ImageSession } from "../imageSession.ts";
import { type Place, takePlace } from "../place.ts";
import type { ServedSettings } from "../servedSettings.ts";
import { unpacked } from "../unpack.ts";
import {
  detail,
  HttpError,
  json,
  jsonObject,
  type Protocol,
  type ViewerReply,
  type ViewerRequest,
} from "../viewerRequest.ts";
import { giveAll, type ListedPrompt, promptsOf } from "./promptList.ts";

interface Uploaded {
  readonly id: string;
  readonly place: Place;
  readonly session: ImageSession;
  /** Where the masks lie. */
  readonly grid: MaskImage;
  /** In the order in which the model was given them. */
  known: ListedPrompt[];
}

const modelName = "ensam";
const label = "object";
/** Many clicks, and options that Slicer adds. */
const promptBody = 2 ** 20;
const roots = new Set(["info", "auth", "session", "infer", "train", "datastore", "activelearning"]);
/** What NIfTI's header may take beside the voxels. */
const headerRoom = 2 ** 20;

/** MONAI Label's REST interface, as 3D Slicer's extension calls it. */
export function monaiLabel(settings: ServedSettings): Protocol {
  const { slots, imageBytes } = settings;
  const uploads = new Map<string, Uploaded>();

  async function answer(request: ViewerRequest): Promise<ViewerReply> {
    const { method, path } = request;
    const [root, id] = path;
    slots.sweep();
    switch (`${method} ${root}`) {
      case "GET info":
        return json(info);
      case "PUT session":
        return upload(request);
      case "GET session":
        return json(describe(id));
      case "DELETE session":
        uploads.get(id ?? "")?.place.release();
        return json({});
      case "POST infer":
        return infer(request);
      case "POST activelearning":
        return json({}); // No image is left to label: there is no store.
      case "GET auth":
      case "GET train":
        // No errors: Slicer asks at each refresh.
        return detail(new HttpError(404, absent[root!]!));
      default:
        throw new HttpError(404, absent[root!] ?? `${method} /${path.join("/")}: expected a request of 3D Slicer`);
    }
  }

  async function upload(request: ViewerRequest): Promise<ViewerReply> {
    const form = await formOf(request, imageBytes + headerRoom);
    const file = form.file("files");
    if (file === undefined) throw new HttpError(400, "files: expected a part with the image, got none");
    const { volume, affine, stored, nifti } = await imageOf(file.bytes, imageBytes + headerRoom);
    const turn = stored.hasDirections ? turnToLps(affine) : noTurn;
    const id = randomBytes(16).toString("hex");
    const place = takePlace(settings, {
      comesBack: true,
      gone: () => new HttpError(503, "session: expected a server that goes on"),
      onEnd: () => uploads.delete(id),
    });
    try {
      const session = await place.open({ image: volume, spacing: volume.spacing, turn });
      const { shape, spacing } = volume;
      uploads.set(id, { id, place, session, grid: { affine, volume: { shape, spacing }, stored, nifti }, known: [] });
    } catch (error) {
      place.release();
      throw error;
    }
    return json({ session_id: id, session_info: describe(id) });
  }

  /** Anything but an empty object means that the session is there; Slicer answers `{}` with a new upload. */
  function describe(id: string | undefined): Record<string, unknown> {
    const found = uploads.get(id ?? "");
    if (found === undefined) return {};
    found.place.touch();
    const [z, y, x] = found.session.shape;
    return { name: found.id, shape: [x, y, z], expiry: Math.round(slots.idleMilliseconds / 1000) };
  }

  async function infer(request: ViewerRequest): Promise<ViewerReply> {
    const { path, query } = request;
    if (path[1] !== modelName) throw new HttpError(404, `model: expected ${modelName}, got ${path[1]}`);
    const form = await formOf(request, promptBody);
    const wanted = promptsOf(jsonObject("params", form.field("params") ?? "{}"));
    if (form.file("label") !== undefined) throw new HttpError(400, "label: expected clicks and a ROI, got scribbles");
    const found = uploads.get(query.get("session_id") ?? "");
    if (found === undefined) {
      throw new HttpError(404, "session_id: expected the session of an uploaded image (there is no store of images)");
    }
    return found.place.turns(async () => {
      found.place.touch();
      const { session, known } = found;
      found.known = [];
      found.known = await giveAll(session, known, wanted);
      found.place.touch();
      return maskReply(session.mask, found.grid);
    });
  }

  return {
    name: "MONAI Label",
    takes: ({ path }) => roots.has(path[0] ?? ""),
    answer,
    refuse: detail,
  };
}

const info = {
  name: "ENSAM",
  description: "Segments one object at a time by clicks inside and outside, and a ROI",
  version: "0.8.5",
  labels: [label],
  models: {
    [modelName]: {
      type: "deepgrow",
      labels: [label],
      dimension: 3,
      description: "Clicks inside and outside, and a ROI as the object's box",
      config: {},
    },
  },
  trainers: {},
  strategies: {},
  scoring: {},
  train_stats: {},
  datastore: { total: 0, completed: 0 },
};

/** Slicer asks for a login before each call, and whether training runs at each refresh: 404 is no to both. */
const absent: Readonly<Record<string, string>> = {
  auth: "expected no login: this server has none",
  train: "no training is running",
  datastore: "expected labels to be saved in the viewer: this server keeps none",
};

async function imageOf(bytes: Buffer, limit: number) {
  const raw = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unpacked("image", bytes, limit) : bytes;
  return inFolder(async (folder) => {
    const path = join(folder, "image.nii");
    await writeFile(path, raw);
    try {
      return await readImage(path);
    } catch (error) {
      // The path is nobody's business, and the client knows its file by another name.
      throw new HttpError(400, (error as Error).message.replaceAll(path, "image"));
    }
  });
}

/** The mask as a file on the image's grid, behind its parameters: the whole of it, since the client reads no other. */
async function maskReply(mask: Mask, grid: MaskImage): Promise<ViewerReply> {
  const file = await inFolder(async (folder) => {
    const path = join(folder, "mask.nrrd");
    await writeMask(path, mask, [{ label: 1, name: label }], grid);
    return readFile(path);
  });
  const boundary = randomBytes(16).toString("hex");
  const part = (head: string) => `--${boundary}\r\n${head}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(part('Content-Disposition: form-data; name="params"\r\nContent-Type: application/json')),
    Buffer.from(`${JSON.stringify({ label_names: { [label]: 1 } })}\r\n`),
    Buffer.from(
      part(
        'Content-Disposition: form-data; name="image"; filename="mask.nrrd"\r\nContent-Type: application/octet-stream',
      ),
    ),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

async function inFolder<Value>(work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), "ensam-serve-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
