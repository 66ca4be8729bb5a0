import { hostname, userInfo } from "node:os";
import {
  type Context,
  deviceSettings,
  exitCodes,
  InputError,
  modelOrBuiltin,
  overwriteCheck,
  UsageError,
} from "@ensam/core/command";
import { type SessionThread, startSessionThread } from "@ensam/core/sessionThread";
import { openAnnotator } from "./annotator.ts";
import { type AnnotationCase, casesOf } from "./caseList.ts";
import { firstPicture } from "./firstPicture.ts";
import { openBrowser } from "./openBrowser.ts";
import type { AnnotateOptions } from "./options.ts";
import { expectPage } from "./pageFiles.ts";
import { replay } from "./replay.ts";
import { answerPage } from "./routes.ts";
import { servePage } from "./server.ts";

/** Opens the page for the images given, or replays a session, and returns the exit code. */
export async function annotate(context: Context<AnnotateOptions>): Promise<number> {
  const { options, positionals, streams } = context;
  const start = async ({ device }: AnnotateOptions) => {
    const { path, sha256 } = await modelOrBuiltin(context, options.model);
    const thread = await startSessionThread({ model: path, device, deviceOptions: deviceSettings(options) });
    context.note(`device: ${thread.device}`);
    if (sha256 === undefined) context.note(`model: ${thread.model}`);
    return thread;
  };
  if (options.replay !== undefined) {
    if (positionals.length > 1) throw new UsageError(`IMAGE: expected one with --replay, got ${positionals.length}`);
    overwriteCheck(options.output === undefined ? [] : [options.output])([...positionals, options.replay]);
    return replay(context, options.replay, start);
  }
  if (options.output !== undefined)
    throw new UsageError("--output: expected together with --replay (the page exports)");
  const cases = casesOf(positionals, streams.cwd, options.sessions);
  if (options.labels !== undefined && cases.length > 1) {
    throw new UsageError(`--labels: expected one image, got ${cases.length}`);
  }
  expectPage();
  const starting = start(options);
  // It may fail before anybody waits for it; who does hears of it then.
  starting.catch(() => undefined);
  try {
    await serveCases(context, cases, starting);
  } finally {
    await starting.then((thread) => thread.close()).catch(() => undefined);
  }
  return exitCodes.done;
}

/** The page is there as soon as the first image's header is read: browsers take seconds to begin. */
async function serveCases(
  { options, streams, note, log }: Context<AnnotateOptions>,
  cases: readonly AnnotationCase[],
  starting: Promise<SessionThread>,
): Promise<void> {
  const first = firstPicture(options);
  // Nothing is begun that no page could show.
  const serving = servePage(options.port, (request) => answer(request));
  const opening = serving.then(() => openAnnotator(starting, cases, options, note, first));
  opening.catch(() => undefined).finally(first.end);
  const answer = answerPage(opening, first);
  try {
    const server = await serving;
    // What cannot be opened gets no page.
    await Promise.race([first.begun, opening]);
    const end = stopped(streams.onSignal);
    log.warn(`open ${server.address}`);
    note(`from another machine: ssh -N -L ${server.port}:127.0.0.1:${server.port} ${hostName()}`);
    if (!options.noOpen) openBrowser(server.address);
    await Promise.all([opening, end]);
  } finally {
    await serving.then((server) => server.close()).catch(() => undefined);
    await opening.then((annotator) => annotator.close()).catch(() => undefined);
  }
}

function hostName(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** Resolves at the first signal: everything is in the log, so there is nothing to save. */
function stopped(onSignal: Context<AnnotateOptions>["streams"]["onSignal"]): Promise<void> {
  if (onSignal === undefined) throw new InputError("annotate: expected a process that signals can end");
  return new Promise((resolve) => {
    onSignal(resolve);
  });
}
