import type { IncomingHttpHeaders } from "node:http";

/** A request that came from a viewer, its body not read yet. */
export interface ViewerRequest {
  readonly method: string;
  /** The path's parts, without empty ones: "/v2/models" is ["v2", "models"]. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body. @throws HttpError 413 beyond `limit` bytes */
  body(limit: number): Promise<Buffer>;
}

export interface ViewerReply {
  readonly status?: number;
  readonly type: string;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A protocol that viewers speak. */
export interface Protocol {
  readonly name: string;
  /** Whether a request is meant for it. */
  takes(request: ViewerRequest): boolean;
  answer(request: ViewerRequest): Promise<ViewerReply>;
  /** A refusal, in the form its clients show. */
  refuse(error: HttpError): ViewerReply;
}

/** A refusal with its status. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The largest body that holds no voxels, bytes. */
export const smallBody = 64 * 1024;

export function json(value: unknown, headers?: Readonly<Record<string, string>>): ViewerReply {
  return { type: "application/json", body: JSON.stringify(value), ...(headers && { headers }) };
}

/** A refusal as FastAPI's servers word it. */
export function detail({ status, message, headers }: HttpError): ViewerReply {
  return { ...json({ detail: message }, headers), status };
}

/** A JSON object from a body or a header. @throws HttpError 400 for anything else */
export function jsonObject(where: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpError(400, `${where}: expected JSON, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(400, `${where}: expected a JSON object, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  return value as Record<string, unknown>;
}
