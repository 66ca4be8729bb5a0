import { connect } from "node:net";

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Sends bytes as they are and reads until the reply is whole or the server hangs up; `undefined` for no reply. */
export function sendRaw(port: number, bytes: Buffer | string, milliseconds = 20_000): Promise<RawReply | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    const done = (error?: Error) => {
      socket.destroy();
      if (error !== undefined) reject(error);
      else resolve(parseReply(Buffer.concat(chunks)));
    };
    socket.setTimeout(milliseconds, () => done(new Error("no reply in time")));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      const reply = parseReply(Buffer.concat(chunks));
      if (reply !== undefined && reply.body.length >= Number(reply.headers["content-length"] ?? Infinity)) done();
    });
    socket.on("error", () => done());
    socket.on("close", () => done());
    socket.write(bytes);
  });
}

function parseReply(all: Buffer): RawReply | undefined {
  const end = all.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first, ...lines] = all.toString("latin1", 0, end).split("\r\n");
  const status = Number(first!.split(" ")[1]);
  if (status === 100) return parseReply(all.subarray(end + 4));
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { status, headers, body: all.subarray(end + 4) };
}

/** A request with its lines as given, Content-Length added where there is a body or one is said to be. */
export function rawRequest(line: string, headers: readonly string[] = [], body?: Buffer | string): Buffer {
  const bytes = body === undefined ? undefined : Buffer.from(body as Buffer);
  const length = bytes === undefined ? [] : [`Content-Length: ${bytes.length}`];
  const head = [`${line} HTTP/1.1`, "Host: 127.0.0.1:1527", ...headers, ...length, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), bytes ?? Buffer.alloc(0)]);
}
