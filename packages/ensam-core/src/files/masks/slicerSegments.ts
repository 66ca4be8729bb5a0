import { firstBytes } from "../firstBytes.ts";
import { nrrdHeader, wordsOf } from "../nrrdHeader.ts";

/** A segment as 3D Slicer describes it in the header of a .seg.nrrd file. */
export interface SlicerSegment {
  readonly name: string;
  readonly label: number;
  /** From 0. */
  readonly layer: number;
}

const longestHeader = 1 << 22;
const mostSegments = 100_000;

/** The segments in a NRRD file's header, in its order (none where it is no segmentation), and how many layers it holds. */
export async function slicerSegments(path: string): Promise<{ segments: SlicerSegment[]; layers: number }> {
  const header = nrrdHeader(path, firstBytes(path, longestHeader));
  const { pairs } = header;
  const sizes = wordsOf(header, "sizes").map(Number);
  const segments: SlicerSegment[] = [];
  for (let index = 0; index < mostSegments && pairs.has(`Segment${index}_ID`); index++) {
    const of = (key: string): string => (pairs.get(`Segment${index}_${key}`) ?? "").trim();
    segments.push({
      name: unescaped(Buffer.from(of("Name"), "latin1").toString("utf8")),
      label: Number(of("LabelValue") || "1"),
      layer: Number(of("Layer") || "0"),
    });
  }
  return { segments, layers: sizes.length === 4 ? sizes[0]! : 1 };
}

function unescaped(text: string): string {
  return text.replace(/\\([\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : "\\"));
}
