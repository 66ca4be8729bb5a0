import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  type Context,
  type Modality,
  type RequestRow,
  type RowOrigin,
  resolvePath,
  UsageError,
} from "@ensam/core/command";
import { objectName } from "./objectName.ts";
import type { SegmentOptions } from "./options.ts";
import { promptsOfObjects, readPromptFile, spaceNamed } from "./promptFile.ts";
import { promptsOfFlags, spaceOfFlags } from "./promptFlags.ts";
import { firstObject, type PromptFile, type SlicerReading } from "./rawPrompts.ts";
import { insteadOfPrompt } from "./refusedPrompts.ts";

/** One image and what is asked of it; paths are absolute. */
export interface Request {
  readonly case?: string;
  readonly image: string;
  readonly outputs: RequestedOutputs;
  /** Whether outputs that are there may be replaced. */
  readonly overwrite: boolean;
  /** Files with prompts, for the check that no output is one of them. */
  readonly promptFiles: readonly string[];
  readonly boxFrom?: string;
  readonly clickFrom?: string;
  readonly refine?: string;
  readonly modality?: Modality;
  readonly window?: string;
  readonly key?: string;
  readonly volume?: number;
  readonly series?: string;
  /** Reads the prompts that are typed or lie in files. */
  readPrompts(): Promise<PromptFile>;
}

export interface RequestedOutputs {
  readonly mask: string;
  readonly probabilities?: string;
  readonly preview?: string;
}

/** The request of a command line. */
export function requestOfFlags(context: Context<SegmentOptions>): Request {
  const { options, positionals, streams } = context;
  const [image] = positionals;
  if (image === undefined) throw new UsageError("IMAGE: expected an image file, got none (see --help)");
  const fromConfig = context.origins.prompts === "config" && context.config !== undefined;
  const folder = fromConfig ? dirname(context.config!) : streams.cwd;
  const files = (options.prompts ?? []).map((text) => promptFlag(text, folder, options));
  return {
    ...options,
    image: resolve(streams.cwd, image),
    outputs: { mask: options.output, probabilities: options.probabilities, preview: options.preview },
    promptFiles: files.map(({ path }) => path),
    async readPrompts() {
      const typed: PromptFile = { prompts: promptsOfFlags(options), names: new Map(), notes: [] };
      return joined([...(await readAll(files)), typed]);
    },
  };
}

/** The request of a row; what the row does not say, the flags do. */
export function requestOfRow(row: RequestRow, origin: RowOrigin, options: SegmentOptions): Request {
  const path = (written: string | undefined) => (written === undefined ? undefined : resolvePath(origin, written));
  const name = row.case ?? stem(row.image);
  const files = [row.prompts ?? []].flat().map((file) => promptFlag(file, origin.folder, options));
  const where = `${origin.file}:${origin.line}`;
  return {
    case: name,
    image: resolvePath(origin, row.image),
    outputs: {
      mask: path(row.mask) ?? join(options.output, `${name}.nii.gz`),
      ...(options.probabilities !== undefined && { probabilities: join(options.probabilities, `${name}.npz`) }),
      ...(options.preview !== undefined && { preview: join(options.preview, `${name}.png`) }),
    },
    promptFiles: files.map((file) => file.path),
    overwrite: options.overwrite,
    boxFrom: path(row.box_from),
    clickFrom: path(row.click_from),
    refine: path(row.refine),
    modality: row.modality ?? options.modality,
    window: row.window ?? options.window,
    key: row.image_key ?? options.key,
    volume: row.volume ?? options.volume,
    series: row.series ?? options.series,
    async readPrompts() {
      refuseMisplaced(where, row);
      const space = row.space === undefined ? spaceOfFlags(options) : spaceNamed(`${where}: space`, row.space);
      const typed = row.objects === undefined ? [] : [promptsOfObjects(where, space, row.objects)];
      return joined([...(await readAll(files)), ...typed]);
    },
  };
}

/** The name of a case that a row does not name: its image's, without folder and ending. */
export function stem(image: string): string {
  return basename(image).replace(/(\.nii|\.seg)?\.[^.]+$/, "") || basename(image);
}

/** Prompts lie in `objects`; beside it they would be passed over in silence. */
function refuseMisplaced(where: string, row: RequestRow): void {
  for (const key of Object.keys(row)) {
    const instead = ["prompts", "mask"].includes(key) ? undefined : insteadOfPrompt(key);
    const isOwn = ["box", "boxes", "click", "clicks", "label", "name"].includes(key);
    if (instead === undefined && !isOwn) continue;
    throw new UsageError(
      `${where}: expected prompts in objects[] or a file, got "${key}"${instead ? ` (${instead})` : ""}`,
    );
  }
}

interface PromptFlag {
  readonly path: string;
  readonly reading: SlicerReading;
}

/** `liver:points.mrk.json,bg` names an object and says that all points are background; the text of a file that is there is its name. */
function promptFlag(text: string, folder: string, options: SegmentOptions): PromptFlag {
  const space = spaceOfFlags(options);
  const whole = resolve(folder, text);
  if (existsSync(whole)) return { path: whole, reading: { object: firstObject, isBackground: false, space } };
  const [, prefix, path, kind] = /^(?:([^/]*?):)?(.+?)(?:,(bg|fg))?$/s.exec(text) ?? [undefined, undefined, text];
  const object = prefix === undefined ? firstObject : objectName(`--prompts ${text}`, prefix);
  return { path: resolve(folder, path!), reading: { object, isBackground: kind === "bg", space } };
}

function readAll(files: readonly PromptFlag[]): Promise<PromptFile[]> {
  return Promise.all(files.map(({ path, reading }) => readPromptFile(path, reading)));
}

function joined(files: readonly PromptFile[]): PromptFile {
  const names = new Map<number, string>();
  for (const file of files) {
    for (const [label, name] of file.names) {
      const other = names.get(label);
      if (other !== undefined && other !== name) {
        throw new UsageError(`prompts: expected one name for object ${label}, got ${other} and ${name}`);
      }
      names.set(label, name);
    }
  }
  return { prompts: files.flatMap(({ prompts }) => prompts), names, notes: files.flatMap(({ notes }) => notes) };
}
