import { openByteStream } from "../byteStream.ts";
import { longestHeader, niftiHeader } from "../niftiHeader.ts";
import { colourOf, type LabelNames, type MaskObject } from "./maskObject.ts";

/** NIfTI's code for an extension of unknown kind, under which TotalSegmentator stores its label table. */
const writtenCode = 0;
/** Codes under which label tables are found: 0 (TotalSegmentator), 6 (comment), 30 (Connectome Workbench). */
const readCodes = [0, 6, 30];
const longestTable = 1 << 22;

/**
 * A NIfTI header extension with the names and colours of labels: XML of the form that Caret defined (a CaretExtension
 * with a LabelTable), as TotalSegmentator writes it and 3D Slicer, Workbench and TotalSegmentator's own loader read it.
 * Undefined where no object has a name.
 */
export function niftiLabelTable(objects: readonly MaskObject[]): Buffer | undefined {
  const named = objects.filter(({ name }) => name);
  if (named.length === 0) return undefined;
  const xml = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<CaretExtension><VolumeInformation Index="0">',
    "<LabelTable>",
    ...named.map(labelElement),
    "</LabelTable>",
    "<StudyMetaDataLinkSet></StudyMetaDataLinkSet>",
    "<VolumeType><![CDATA[Label]]></VolumeType></VolumeInformation></CaretExtension>",
    "",
  ].join("\n");
  const text = Buffer.from(xml, "utf8");
  const size = Math.ceil((8 + text.length) / 16) * 16; // The standard's step; blanks after the XML do no harm, zero bytes would.
  const bytes = Buffer.alloc(size, " ");
  bytes.writeInt32LE(size, 0);
  bytes.writeInt32LE(writtenCode, 4);
  text.copy(bytes, 8);
  return bytes;
}

function labelElement(object: MaskObject): string {
  const [red, green, blue] = colourOf(object).map((value) => String(Number((value / 255).toFixed(4))));
  const text = object.name!.replaceAll("]]>", "]]]]><![CDATA[>").replace(/\p{Cc}/gu, " ");
  return `<Label Key="${object.label}" Red="${red}" Green="${green}" Blue="${blue}" Alpha="1"><![CDATA[${text}]]></Label>`;
}

/** The names in the label table of a NIfTI file's header extensions; none where it has no such table. */
export async function readNiftiLabelTable(path: string): Promise<LabelNames> {
  const stream = await openByteStream(path);
  try {
    const head = await stream.peek(longestHeader + 4);
    const { version, start, isPair, littleEndian } = await niftiHeader(path, head);
    const offset = version === 1 ? 348 : 540;
    if (isPair || head[offset] === 0 || start > longestTable) return {};
    const bytes = await stream.peek(start);
    return namesIn(bytes.subarray(offset + 4), littleEndian);
  } finally {
    await stream.close();
  }
}

function namesIn(bytes: Buffer, littleEndian: boolean): LabelNames {
  for (let offset = 0; offset + 8 <= bytes.length; ) {
    const size = littleEndian ? bytes.readInt32LE(offset) : bytes.readInt32BE(offset);
    const code = littleEndian ? bytes.readInt32LE(offset + 4) : bytes.readInt32BE(offset + 4);
    if (size < 8 || offset + size > bytes.length) return {};
    const text = readCodes.includes(code) ? bytes.toString("utf8", offset + 8, offset + size) : "";
    if (text.includes("<LabelTable")) return namesInXml(text);
    offset += size;
  }
  return {};
}

function namesInXml(xml: string): LabelNames {
  const labels = xml.matchAll(/<Label\b([^>]*)>([\s\S]*?)<\/Label>/g);
  return Object.fromEntries(
    [...labels].flatMap(([, attributes, content]) => {
      const key = /\bKey\s*=\s*"(\d+)"/.exec(attributes!)?.[1];
      const name = textOf(content!).trim();
      return key === undefined || Number(key) === 0 || name === "" ? [] : [[String(Number(key)), name]];
    }),
  );
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function textOf(content: string): string {
  return content.replace(
    /<!\[CDATA\[([\s\S]*?)\]\]>|&(\w+);|<[^>]*>/g,
    (_, section?: string, entity?: string) => section ?? (entity === undefined ? "" : (entities[entity] ?? "")),
  );
}
