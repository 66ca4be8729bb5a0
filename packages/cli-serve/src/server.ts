import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { describeError, InputError } from "@ensam/core/command";
import { detail, HttpError, type Protocol, type ViewerReply, type ViewerRequest } from "./viewerRequest.ts";

export interface ViewerServer {
  readonly port: number;
  readonly address: string;
  close(): Promise<void>;
}

export interface ServerSettings {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Bytes of all bodies that are being read at one time. */
  readonly bodyBytes: number;
  /** In their order: the first that takes a request answers it. */
  readonly protocols: readonly Protocol[];
  /** Told of every refusal and failure, one line each. */
  readonly onRefusal?: (line: string) => void;
  /** Milliseconds for a whole request to come in. @default ten minutes: an image over a slow line */
  readonly requestMilliseconds?: number;
}

const mostConnections = 128;
const headerMilliseconds = 15_000;
const defaultRequestMilliseconds = 600_000;

/**
 * Serves viewers on one port. Web pages are refused: no viewer served here sends an Origin. On a loopback address a
 * request must name a loopback host, so that a name that leads here by another way is of no use to a page.
 */
export async function serveViewers(settings: ServerSettings): Promise<ViewerServer> {
  const { host, port, protocols, bodyBytes, onRefusal } = settings;
  const isLocal = isLoopback(host);
  const reading = { bytes: 0 };
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  server.maxConnections = mostConnections;
  server.headersTimeout = headerMilliseconds;
  server.requestTimeout = settings.requestMilliseconds ?? defaultRequestMilliseconds;
  server.keepAliveTimeout = 75_000;

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let protocol: Protocol | undefined;
    let reply: ViewerReply;
    try {
      const request = checked(incoming);
      protocol = protocols.find((candidate) => candidate.takes(request));
      if (protocol === undefined) throw unknownPath(incoming);
      reply = await protocol.answer(request);
    } catch (error) {
      const refusal = refusalOf(error);
      onRefusal?.(`${protocol?.name ?? "request"}: ${refusal.status} ${refusal.message}`);
      reply = protocol === undefined ? detail(refusal) : protocol.refuse(refusal);
    }
    send(incoming, response, reply);
  }

  function checked(incoming: IncomingMessage): ViewerRequest {
    const { headers, method = "GET" } = incoming;
    if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) {
      throw new HttpError(403, "expected a viewer, got a web page");
    }
    if (isLocal && !isLoopback(hostName(headers.host ?? ""))) {
      throw new HttpError(421, "host: expected a loopback address");
    }
    let url: URL;
    let path: string[];
    try {
      url = new URL(incoming.url ?? "/", "http://localhost");
      path = url.pathname.split("/").flatMap((part) => (part === "" ? [] : [decodeURIComponent(part)]));
    } catch {
      throw new HttpError(400, "expected a path, got one that cannot be decoded");
    }
    const body = (limit: number) => bodyOf(incoming, limit, reading, bodyBytes);
    return { method: method === "HEAD" ? "GET" : method, path, query: url.searchParams, headers, body };
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "one in use" : error.message;
      reject(new InputError(`--port ${port}: expected a free port on ${host}, got ${reason}`));
    });
    server.listen(port, host, resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    address: `http://${isIP(host) === 6 ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether a host stands for this machine only. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}

function unknownPath({ url = "" }: IncomingMessage): HttpError {
  return new HttpError(404, `expected a path of a viewer's protocol, got ${JSON.stringify(url.slice(0, 80))}`);
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

async function bodyOf(
  incoming: IncomingMessage,
  limit: number,
  reading: { bytes: number },
  all: number,
): Promise<Buffer> {
  const tooLarge = () => new HttpError(413, `body: expected at most ${limit} bytes (--max-image)`);
  if (Number(incoming.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      reading.bytes += chunk.length;
      if (bytes > limit) throw tooLarge();
      if (reading.bytes > all)
        throw new HttpError(503, "expected fewer uploads at once; try again", { "Retry-After": "5" });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "body: expected all of it, got a part");
  } finally {
    reading.bytes -= bytes;
  }
}

/** Everything that viewers cannot be blamed for is 5xx; what a thrown error says else is a refusal. */
function refusalOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const { name, exitCode } = error as { name?: string; exitCode?: number };
  if (name === "EventError" || name === "FileError" || exitCode === 2 || exitCode === 3) {
    return new HttpError(400, (error as Error).message);
  }
  return new HttpError(500, describeError(error));
}

/** The whole reply with its length: some clients cannot read a chunked one. */
function send(incoming: IncomingMessage, response: ServerResponse, reply: ViewerReply): void {
  if (response.headersSent || response.destroyed) return;
  const { status = 200, type, body, headers } = reply;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": bytes.byteLength,
    "X-Content-Type-Options": "nosniff",
    // What was not read of a refused body stays on the line.
    ...(!incoming.complete && { Connection: "close" }),
    ...headers,
  });
  response.end(incoming.method === "HEAD" ? undefined : bytes);
}
