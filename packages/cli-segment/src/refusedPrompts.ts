/** Prompts that other tools take and the model does not, by the names they go by there, with what to use instead. */
const insteadOf: readonly (readonly [names: RegExp, words: string])[] = [
  [
    /^(scribble|stroke|brush|paint)s?$/,
    "scribbles are not taken: a few --click along the stroke say the same (bg for a stroke outside)",
  ],
  [
    /^(lasso|polygon|contour|curve|closedcurve)(e?s)?$/,
    "lassos, polygons and curves are not taken: give the --box around the outline, or --click inside it",
  ],
  [
    /^(box2d|bbox2d|2dbox|2dbbox|rectangle|plane)(e?s)?$/,
    "boxes in one slice are not taken: a --box needs its first and last slice too (Z0,Y0,X0,Z1,Y1,X1), and corners are inside",
  ],
  [
    /^(line|angle|recist)s?$/,
    "lines and angles are not taken: give the --box around the object, or a --click in its middle",
  ],
  [/^(point|fiducial)s?$/, "points are --click"],
  [/^bbox(e?s)?$/, "boxes are --box"],
  [/^(mask|initialmask|previous|prev|prevpred|prevseg)$/, "an existing mask is --refine MASK"],
];

/** Returns what to use instead of a prompt of another tool, or undefined where the name is none. */
export function insteadOfPrompt(name: string): string | undefined {
  const plain = name.toLowerCase().replaceAll(/[-_ ]/g, "");
  return insteadOf.find(([names]) => names.test(plain))?.[1];
}
