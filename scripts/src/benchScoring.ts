#!/usr/bin/env node
// Times one round of the challenge on a made case of 100 x 512 x 512 voxels with six objects: all clicks, DSC and NSD.
// A table on stderr, NDJSON on stdout.
import { nextClicks } from "@ensam/core/prompts";
import { challengeTolerance, scoreLabelMaps } from "@ensam/core/scoring";
import type { LabelMap, Zyx } from "@ensam/core/voxels";

const shape: Zyx = [100, 512, 512];
/** Millimetres along z, y, x as the official evaluator takes them for such a CT. */
const spacing: Zyx = [0.8, 0.8, 5];
const repeat = 5;

/** Centre and radii of the objects, in voxels (z, y, x). */
const objects: readonly (readonly [Zyx, Zyx])[] = [
  [
    [50, 260, 180],
    [40, 110, 90],
  ],
  [
    [45, 300, 380],
    [30, 60, 50],
  ],
  [
    [48, 330, 120],
    [25, 45, 40],
  ],
  [
    [52, 200, 300],
    [22, 40, 60],
  ],
  [
    [60, 400, 260],
    [30, 35, 30],
  ],
  [
    [30, 150, 400],
    [18, 30, 25],
  ],
];

/** The objects as ellipsoids, moved and scaled: the truth is `labelMap(0, 1)`. */
function labelMap(move: number, scale: number): LabelMap {
  const data = new Uint8Array(shape[0] * shape[1] * shape[2]);
  objects.forEach(([centre, radii], k) => {
    const [cz, cy, cx] = centre.map((coordinate) => coordinate + (k % 2 === 0 ? move : -move));
    const [rz, ry, rx] = radii.map((radius) => radius * scale);
    for (let z = 0; z < shape[0]; z++) {
      for (let y = 0; y < shape[1]; y++) {
        const left = 1 - ((z - cz!) / rz!) ** 2 - ((y - cy!) / ry!) ** 2;
        if (left <= 0) continue;
        const reach = rx! * Math.sqrt(left);
        const first = Math.max(0, Math.ceil(cx! - reach));
        const end = Math.min(shape[2], Math.floor(cx! + reach) + 1);
        const row = (z * shape[1] + y) * shape[2];
        if (end > first) data.fill(k + 1, row + first, row + end);
      }
    }
  });
  return { data, shape };
}

function median(work: () => void): number {
  const seconds = Array.from({ length: repeat }, () => {
    const begun = performance.now();
    work();
    return (performance.now() - begun) / 1000;
  });
  return seconds.toSorted((a, b) => a - b)[Math.floor(repeat / 2)]!;
}

const truth = labelMap(0, 1);
const predictions = {
  "nothing yet": labelMap(0, 0),
  "6 voxels off": labelMap(6, 1),
  "30 voxels off, 10 % too large": labelMap(30, 1.1),
};
process.stderr.write(`scoring: 100 x 512 x 512 voxels, 6 objects, one core, median of ${repeat}\n`);
for (const [name, prediction] of Object.entries(predictions)) {
  const clicks = median(() => nextClicks(truth, prediction));
  const scores = median(() => scoreLabelMaps(truth, prediction, spacing, challengeTolerance));
  const row = {
    type: "scoring",
    prediction: name,
    shape,
    objects: objects.length,
    clicks,
    scores,
    total: clicks + scores,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  const words = [
    `six clicks ${clicks.toFixed(3)} s`,
    `DSC + NSD ${scores.toFixed(3)} s`,
    `all ${row.total.toFixed(3)} s`,
  ];
  process.stderr.write(`  ${name.padEnd(32)}${words.join("   ")}\n`);
}
