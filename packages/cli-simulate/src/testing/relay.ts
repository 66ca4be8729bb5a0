import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A predictor command whose work the test itself does. */
export interface Relay {
  readonly command: string;
  close(): Promise<void>;
}

/** Starts a relay: `work` gets the working folder of each call of the command, and its error becomes exit status 1. */
export async function startRelay(folder: string, work: (callFolder: string) => Promise<void>): Promise<Relay> {
  const path = join(folder, "relay.sock");
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (line) => {
      work(String(line).trimEnd()).then(
        () => socket.end("ok"),
        (error: unknown) => socket.end(`error: ${String(error)}`),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const script = fileURLToPath(new URL("relay.mjs", import.meta.url));
  return {
    command: `"${process.execPath}" "${script}" "${path}"`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
