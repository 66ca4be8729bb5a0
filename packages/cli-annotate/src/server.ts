import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InputError } from "@ensam/core/command";

/** A request whose way in was right: it came from this machine, with the token. */
export interface PageRequest {
  readonly method: string;
  /** Below the token, such as "api/state". */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body, at most `limit` bytes. */
  body(limit: number): Promise<Buffer>;
}

export interface PageReply {
  readonly status?: number;
  readonly type: string;
  readonly body: Uint8Array | string;
  /** The name under which a browser saves it. */
  readonly download?: string;
  /** Called when all of it is on its way, or the browser has gone. */
  readonly onSent?: () => void;
}

export interface PageServer {
  readonly port: number;
  /** What to open in a browser. */
  readonly address: string;
  close(): Promise<void>;
}

/** A refusal with its status. */
export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** No request of the page is longer in coming; a slow client keeps no socket. */
const requestMilliseconds = 60_000;

/** NiiVue compiles no code, but it styles its canvas and decodes fonts from data addresses. */
const policy =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; " +
  "connect-src 'self' data: blob:; worker-src 'self' blob:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves one user on 127.0.0.1. A request must name this server as its host, carry the token that is the first part of
 * its path, and, where it says what page it comes from, come from this server's own.
 *
 * @param port  0 for a free one
 */
export async function servePage(
  port: number,
  handle: (request: PageRequest) => Promise<PageReply>,
): Promise<PageServer> {
  const token = randomBytes(24).toString("base64url");
  let hosts: readonly string[] = [];
  const server = createServer((request, response) => {
    take(request)
      .then((reply) => send(response, reply, request.method === "HEAD"))
      .catch((error) => send(response, refusal(error), request.method === "HEAD"));
  });
  server.requestTimeout = requestMilliseconds;

  async function take(request: IncomingMessage): Promise<PageReply> {
    const { host, origin } = request.headers;
    if (host === undefined || !hosts.includes(host.toLowerCase()))
      throw new HttpError(421, "host: expected this server's own");
    if (origin !== undefined && !hosts.some((name) => origin === `http://${name}`)) {
      throw new HttpError(403, "origin: expected this server's own page");
    }
    const url = new URL(request.url ?? "/", `http://${host}`);
    const [, key = "", ...rest] = url.pathname.split("/");
    if (!isSame(key, token)) throw new HttpError(404, "expected the address that ensam-annotate printed");
    const method = request.method ?? "GET";
    if (method === "POST" && origin === undefined) throw new HttpError(403, "origin: expected one with POST");
    return handle({ method, path: rest.join("/"), query: url.searchParams, body: (limit) => bodyOf(request, limit) });
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "one in use" : error.message;
      reject(new InputError(`--port ${port}: expected a free port on 127.0.0.1, got ${reason}`));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  hosts = [`127.0.0.1:${taken}`, `localhost:${taken}`];
  return {
    port: taken,
    address: `http://127.0.0.1:${taken}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isSame(key: string, token: string): boolean {
  const [a, b] = [Buffer.from(key), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw new HttpError(413, `body: expected at most ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(
  response: ServerResponse,
  { status = 200, type, body, download, onSent }: PageReply,
  isHead: boolean,
): void {
  if (onSent !== undefined) response.once("close", onSent);
  if (response.headersSent || response.destroyed) {
    onSent?.();
    return;
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": bytes.byteLength,
    "Cache-Control": "no-store",
    "Content-Security-Policy": policy,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    ...(download !== undefined && {
      "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(download)}`,
    }),
  });
  response.end(isHead ? undefined : bytes);
}

function refusal(error: unknown): PageReply {
  const { status, name, exitCode } = error as { status?: number; name?: string; exitCode?: number };
  const code = status ?? (name === "EventError" || exitCode === 2 || exitCode === 3 ? 400 : 500);
  const words = error instanceof Error ? error.message : String(error);
  return { status: code, type: "application/json", body: JSON.stringify({ error: words }) };
}
