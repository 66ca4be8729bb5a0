import { hostname, userInfo } from "node:os";
import {
  type Context,
  defineCommand,
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
import { type AnnotateOptions, annotateOptions } from "./options.ts";
import { expectPage } from "./pageFiles.ts";
import { replay } from "./replay.ts";
import { answerPage } from "./routes.ts";
import { type PageServer, servePage } from "./server.ts";

export const main = defineCommand<AnnotateOptions>({
  name: "ensam-annotate",
  summary: "opens images in the browser: segment objects by clicks, boxes and a brush, and export their masks",
  description: [
    "The page is served on 127.0.0.1 only, on a free port and below a random token; the address is on standard error, with the ssh line that brings it to another machine. Ctrl-C ends it.",
    "Left click: inside the object; right or Alt click: outside. Every event is in the log beside the image (NAME.session.ndjson) before it is answered, so nothing is lost whatever ends the command; opened again, an image goes on where it was left. The image itself is never written.",
    "A folder stands for the images in it; a folder without images is read as a DICOM series.",
  ],
  examples: [
    { command: "ensam-annotate ct.nii.gz", doc: "One image in the browser, with the weights in the box." },
    {
      command: "ensam-annotate scans/ --model runs/a --sessions logs/ --no-open",
      doc: "All images of a folder, on a server without a screen.",
    },
    {
      command: "ensam-annotate --replay ct.session.ndjson --model runs/a -o mask.nii.gz > events.ndjson",
      doc: "A session again, event by event.",
    },
  ],
  positionals: {
    name: "IMAGE",
    doc: "Images as ensam-segment reads them, DICOM series, or folders of images.",
    many: true,
  },
  writes: ["annotation"],
  options: annotateOptions,
  run,
});

async function run(context: Context<AnnotateOptions>): Promise<number> {
  const { options, positionals, streams } = context;
  const start = async ({ device }: AnnotateOptions) => {
    const { path } = await modelOrBuiltin(context, options.model);
    const thread = await startSessionThread({ model: path, device, deviceOptions: deviceSettings(options) });
    context.note(`device: ${thread.device}`);
    if (options.model !== undefined) context.note(`model: ${thread.model}`);
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
  try {
    await annotate(context, cases, starting);
  } finally {
    await starting.then((thread) => thread.close()).catch(() => undefined);
  }
  return exitCodes.done;
}

/** The page is there as soon as the first image's header is read: browsers take seconds to begin. */
async function annotate(
  { options, streams, note, log }: Context<AnnotateOptions>,
  cases: readonly AnnotationCase[],
  starting: Promise<SessionThread>,
): Promise<void> {
  const first = firstPicture(options);
  const opening = openAnnotator(starting, cases, options, note, first);
  opening.catch(() => undefined).finally(first.end);
  let server: PageServer | undefined;
  try {
    // What cannot be opened gets no page.
    await Promise.race([first.begun, opening]);
    server = await servePage(options.port, answerPage(opening, first));
    const end = stopped(streams.onSignal);
    log.warn(`open ${server.address}`);
    note(`from another machine: ssh -N -L ${server.port}:127.0.0.1:${server.port} ${hostName()}`);
    if (!options.noOpen) openBrowser(server.address);
    await Promise.all([opening, end]);
  } finally {
    await server?.close();
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
