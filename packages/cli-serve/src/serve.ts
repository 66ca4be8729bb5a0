import { type Context, deviceSettings, exitCodes, InputError, modelOrBuiltin, UsageError } from "@ensam/core/command";
import { startSessionThread } from "@ensam/core/sessionThread";
import { protocolNames, type ServeOptions } from "./options.ts";
import { protocolsOf } from "./protocols.ts";
import { isLoopback, serveViewers } from "./server.ts";
import { openSlots } from "./slots.ts";

const sweepMilliseconds = 5000;

/** Answers viewers until a signal comes, and returns the exit code. */
export async function serve(context: Context<ServeOptions>): Promise<number> {
  const { options, positionals, streams } = context;
  if (positionals.length > 0) throw new UsageError(`expected options only, got ${positionals[0]}`);
  const { host, port, apiKey, cropWithoutBox, maxVoxels } = options;
  const spoken = options.protocols ?? (apiKey === undefined ? protocolNames() : ["nninteractive"]);
  if (streams.onSignal === undefined) throw new InputError("serve: expected a process that signals can end");
  const { path: model, sha256 } = await modelOrBuiltin(context, options.model);
  const thread = await startSessionThread({ model, device: options.device, deviceOptions: deviceSettings(options) });
  const slots = openSlots(options.sessions, options.idle * 1000);
  try {
    context.note(`device: ${thread.device}`);
    if (sha256 === undefined) context.note(`model: ${thread.model}`);
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
