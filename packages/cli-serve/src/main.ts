import {
  type Context,
  defineCommand,
  deviceSettings,
  exitCodes,
  InputError,
  modelOrBuiltin,
  UsageError,
} from "@ensam/core/command";
import { startSessionThread } from "@ensam/core/sessionThread";
import { protocolNames, type ServeOptions, serveOptions } from "./options.ts";
import { protocolsOf } from "./protocols.ts";
import { isLoopback, serveViewers } from "./server.ts";
import { openSlots } from "./slots.ts";

export const main = defineCommand<ServeOptions>({
  name: "ensam-serve",
  summary: "answers the viewers that people already use: clicks and boxes of 3D Slicer, napari and ITK-SNAP",
  description: [
    "One process and one port, on 127.0.0.1 unless told otherwise. Which viewer, which address to give it and what it can do: docs/viewers.md. Ctrl-C ends it.",
    "Images and masks are kept in memory, and are gone with their session or with the command.",
  ],
  examples: [
    { command: "ensam-serve --model runs/a", doc: "For viewers on this machine, at http://127.0.0.1:1527." },
    {
      command: "ENSAM_API_KEY=long-and-random ensam-serve --model runs/a --host 0.0.0.0",
      doc: "For a network, with a key: behind a proxy that speaks https, or the key can be read on the way.",
    },
  ],
  writes: [],
  options: serveOptions,
  run,
});

const sweepMilliseconds = 5000;

async function run(context: Context<ServeOptions>): Promise<number> {
  const { options, positionals, streams } = context;
  if (positionals.length > 0) throw new UsageError(`expected options only, got ${positionals[0]}`);
  const { host, port, apiKey, cropWithoutBox, maxVoxels } = options;
  const spoken = options.protocols ?? (apiKey === undefined ? protocolNames() : ["nninteractive"]);
  if (streams.onSignal === undefined) throw new InputError("serve: expected a process that signals can end");
  const { path: model } = await modelOrBuiltin(context, options.model);
  const thread = await startSessionThread({ model, device: options.device, deviceOptions: deviceSettings(options) });
  const slots = openSlots(options.sessions, options.idle * 1000);
  try {
    context.note(`device: ${thread.device}`);
    if (options.model !== undefined) context.note(`model: ${thread.model}`);
    const imageBytes = options.maxImage * 2 ** 20;
    const protocols = protocolsOf(spoken, { thread, slots, imageBytes, apiKey, cropWithoutBox, maxVoxels });
    const onRefusal = (line: string) => context.note(line);
    const server = await serveViewers({ host, port, bodyBytes: 2 * imageBytes, protocols, onRefusal });
    const timer = setInterval(slots.sweep, sweepMilliseconds);
    context.note(
      `limits: ${options.sessions} sessions, images of ${options.maxImage} MiB, closed after ${options.idle} s`,
    );
    const open = protocols
      .filter(({ name }) => name !== "nnInteractive" || apiKey === undefined)
      .map(({ name }) => name);
    if (!isLoopback(host) && open.length > 0) {
      context.log.warn(`${host}: whoever can reach it can use ${open.join(", ")} without a key`);
    }
    context.log.warn(`serving ${protocols.map(({ name }) => name).join(", ")} at ${server.address}`);
    await new Promise<void>((resolve) => {
      streams.onSignal!(resolve);
    });
    clearInterval(timer);
    await server.close();
  } finally {
    slots.close();
    await thread.close();
  }
  return exitCodes.done;
}
