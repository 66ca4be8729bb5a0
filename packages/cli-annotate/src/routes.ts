import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionEvent } from "@ensam/core/session";
import type { Annotator } from "./annotator.ts";
import { displayImage, previewImage } from "./displayImage.ts";
import { promptsJson, slicerMarkups } from "./exportPrompts.ts";
import type { FirstPicture } from "./firstPicture.ts";
import { labelBytes, labelFormats } from "./labelFiles.ts";
import { pageFile } from "./pageFiles.ts";
import type { EventAnswer } from "./protocol.ts";
import { HttpError, type PageReply, type PageRequest } from "./server.ts";

/** The largest event: a stroke or a mask of many runs. */
const eventBytes = 64 * 2 ** 20;
/** The largest label map that is taken. */
const labelFileBytes = 1024 * 2 ** 20;

/**
 * Answers the page's requests: `protocol.ts` has their forms.
 *
 * @param opening  the annotator, which may still be opening its first image
 */
export function answerPage(
  opening: Promise<Annotator>,
  { picture, sent }: Pick<FirstPicture, "picture" | "sent">,
): (request: PageRequest) => Promise<PageReply> {
  let isOpening = true;
  const ended = () => {
    isOpening = false;
  };
  opening.then(ended, ended);
  return async (request) => {
    const { method, path, query } = request;
    const name = `${method === "HEAD" ? "GET" : method} ${path}`;
    if (name === "GET api/first.nii") {
      const body = isOpening ? await picture : undefined;
      const type = "application/octet-stream";
      return body === undefined ? { status: 204, type, body: "" } : { type, body, onSent: sent };
    }
    if (name.startsWith("GET ") && !path.startsWith("api/")) return pageFile(path);
    const annotator = await opening;
    switch (name) {
      case "GET api/state":
        return json(await annotator.state());
      case "GET api/image.nii":
        return { type: "application/octet-stream", body: displayImage(annotator.current().file) };
      case "GET api/preview.nii":
        return { type: "application/octet-stream", body: previewImage(annotator.current().file) };
      case "GET api/labels":
        return { type: "application/octet-stream", body: (await annotator.labels()).data };
      case "POST api/event":
        return answerEvent(annotator, await jsonBody(request, eventBytes));
      case "POST api/open": {
        const { index } = (await jsonBody(request, 1024)) as { index?: unknown };
        return json(await annotator.open(index as number));
      }
      case "POST api/start":
        return startFrom(annotator, query.get("name") ?? "", await request.body(labelFileBytes));
      case "GET api/export":
        return exported(annotator, query.get("kind") ?? "", query.get("format") ?? "nii.gz");
      default:
        if (method !== "GET" && method !== "HEAD") throw new HttpError(405, `expected GET, got ${method} ${path}`);
        return pageFile(path);
    }
  };
}

async function answerEvent(annotator: Annotator, event: unknown): Promise<PageReply> {
  if (typeof event !== "object" || event === null || Array.isArray(event))
    throw new HttpError(400, "event: expected an object");
  const start = performance.now();
  const { changed, ...answer } = await annotator.apply(event as SessionEvent);
  const head: EventAnswer = {
    ...answer,
    ...(changed && { changed: changed.box }),
    milliseconds: Math.round(performance.now() - start),
  };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return { type: "application/octet-stream", body: Buffer.concat([length, text, changed?.labels ?? new Uint8Array()]) };
}

async function startFrom(annotator: Annotator, name: string, bytes: Buffer): Promise<PageReply> {
  const ending = /(\.[a-z0-9]{1,5}){1,2}$/i.exec(name)?.[0] ?? "";
  const folder = await mkdtemp(join(tmpdir(), "ensam-labels-"));
  try {
    const file = join(folder, `labels${ending}`);
    await writeFile(file, bytes);
    await annotator.startFrom(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return json(await annotator.state());
}

async function exported(annotator: Annotator, kind: string, format: string): Promise<PageReply> {
  const { file } = annotator.current();
  const { index, report } = await annotator.state();
  const name = annotator.cases[index]!.log.replace(/^.*[/\\]/, "").replace(/\.session\.ndjson$/, "");
  switch (kind) {
    case "labels": {
      const formats = labelFormats(file);
      if (!formats.includes(format)) {
        throw new HttpError(400, `format: expected ${formats.join(", ")}, got ${format}`);
      }
      const download = `${name}_labels.${format}`;
      return {
        type: "application/octet-stream",
        body: await labelBytes(download, await annotator.labels(), report.objects, file),
        download,
      };
    }
    case "prompts":
      return { ...json(promptsJson(report.objects)), download: `${name}_prompts.json` };
    case "markups":
      return { ...json(slicerMarkups(report.objects, file.affine)), download: `${name}.mrk.json` };
    default:
      throw new HttpError(400, `kind: expected labels, prompts or markups, got ${kind}`);
  }
}

async function jsonBody(request: PageRequest, limit: number): Promise<unknown> {
  try {
    return JSON.parse((await request.body(limit)).toString("utf8"));
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "body: expected JSON");
  }
}

function json(value: unknown): PageReply {
  return { type: "application/json", body: JSON.stringify(value) };
}
