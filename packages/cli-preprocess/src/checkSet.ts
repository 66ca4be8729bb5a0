import type { SourceRow } from "@ensam/core/command";
import type { CheckedCase, Problem } from "./checkCase.ts";

/** A case with what was found in it. */
export interface SetMember {
  readonly row: SourceRow;
  /** The image's absolute path. */
  readonly imagePath: string;
  readonly checked: CheckedCase;
}

/** A voxel size this many times the middle one of its dataset, or less than its inverse, is told of. */
const oddSpacing = 3;
const fewest = 4;

/** What is wrong between the cases of a set, by the position of the case that it is told of. */
export function setProblems(members: readonly SetMember[]): Map<number, Problem[]> {
  const problems = new Map<number, Problem[]>();
  const tell = (position: number, kind: string, text: string): void => {
    problems.set(position, [...(problems.get(position) ?? []), { kind, text }]);
  };
  clashingNames(members, tell);
  doubledContent(members, tell);
  for (const group of groupsBy(members, ({ row }) => row.dataset).values()) {
    oddOrientations(group, tell);
    oddSpacings(group, tell);
    unlikeLabelNames(group, tell);
  }
  return problems;
}

type Tell = (position: number, kind: string, text: string) => void;
type Placed = readonly [position: number, member: SetMember];

function groupsBy(members: readonly SetMember[], keyOf: (member: SetMember) => string): Map<string, Placed[]> {
  const groups = new Map<string, Placed[]>();
  for (const [position, member] of members.entries()) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group) group.push([position, member]);
    else groups.set(key, [[position, member]]);
  }
  return groups;
}

/** Names that are one file, also where the file system does not tell capitals or the spellings of accents apart. */
function clashingNames(members: readonly SetMember[], tell: Tell): void {
  for (const group of groupsBy(members, ({ row }) => row.case.normalize("NFC").toLowerCase()).values()) {
    const [[, first]] = group as [Placed];
    for (const [position, { row }] of group.slice(1))
      tell(
        position,
        "name",
        `named as ${first.row.case}, which would be the same file${row.case === first.row.case ? "" : " on some systems"}`,
      );
  }
}

/** The same image under two names, or one image with the same label map twice. Several label maps of one image file are as usual. */
function doubledContent(members: readonly SetMember[], tell: Tell): void {
  const byImage = groupsBy(members, ({ checked }) => checked.imageDigest ?? "");
  byImage.delete("");
  for (const group of byImage.values()) {
    for (const [index, [position, { imagePath, checked }]] of group.entries()) {
      const same = group
        .slice(0, index)
        .find(([, other]) => other.imagePath !== imagePath || other.checked.labelDigest === checked.labelDigest);
      if (same === undefined) continue;
      const labels = same[1].checked.labelDigest === checked.labelDigest ? "and the same labels" : "but other labels";
      tell(position, "duplicate", `the same image as ${same[1].row.case}, ${labels}`);
    }
  }
}

function oddOrientations(group: readonly Placed[], tell: Tell): void {
  const known = group.filter(([, { checked }]) => checked.axes !== undefined);
  const counts = new Map<string, number>();
  for (const [, { checked }] of known) counts.set(words(checked.axes), (counts.get(words(checked.axes)) ?? 0) + 1);
  if (counts.size < 2) return;
  const [usual] = [...counts].sort(([, a], [, b]) => b - a)[0]!;
  for (const [position, { checked }] of known) {
    if (words(checked.axes) !== usual)
      tell(position, "orientation", `axes ${words(checked.axes)}, others of its dataset ${usual}`);
  }
}

function words(axes: string | null | undefined): string {
  return axes ?? "not stated";
}

function oddSpacings(group: readonly Placed[], tell: Tell): void {
  const known = group.filter(([, { checked }]) => checked.spacing !== undefined);
  if (known.length < fewest) return;
  // Sorted by length: which axis is the thick one differs with the orientation.
  const sorted = ({ checked }: SetMember): number[] => checked.spacing!.toSorted((a, b) => a - b);
  const middle = [0, 1, 2].map((axis) => {
    const lengths = known.map(([, member]) => sorted(member)[axis]!).sort((a, b) => a - b);
    return lengths[Math.floor(lengths.length / 2)]!;
  });
  for (const [position, member] of known) {
    const isOdd = sorted(member).some((mm, axis) => mm > oddSpacing * middle[axis]! || mm * oddSpacing < middle[axis]!);
    const shown = (spacing: readonly number[]): string => spacing.map((mm) => Number(mm.toPrecision(3))).join(" x ");
    if (isOdd)
      tell(
        position,
        "spacing",
        `voxels of ${shown(sorted(member))} mm, in its dataset most often about ${shown(middle)} mm`,
      );
  }
}

function unlikeLabelNames(group: readonly Placed[], tell: Tell): void {
  const first = new Map<string, { name: string; of: string }>();
  for (const [position, { row, checked }] of group) {
    for (const [label, { name }] of Object.entries(checked.labels ?? {})) {
      if (name === undefined) continue;
      const known = first.get(label);
      if (known === undefined) first.set(label, { name, of: row.case });
      else if (known.name !== name)
        tell(position, "label-name", `label ${label} is ${name}, in ${known.of} it is ${known.name}`);
    }
  }
}
