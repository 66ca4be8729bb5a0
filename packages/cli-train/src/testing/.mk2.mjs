import { readFileSync, writeFileSync } from "node:fs";
import { readImage, readLabels, writeChallengeCase } from "@ensam/core/files";
import { labelBoxes, percentilesToUint8 } from "@ensam/core/voxels";

const base = "/work/shared/samples/";
const rows = [];
for (const line of readFileSync(base + "cases.ndjson", "utf8")
  .trim()
  .split("\n")) {
  const r = JSON.parse(line);
  if (!r.dataset.includes("Hippocampus")) continue;
  if (rows.length >= +process.argv[2]) break;
  const im = await readImage(base + r.image);
  const lb = await readLabels(base + r.label);
  const u = percentilesToUint8(im.volume);
  const g = u.data ? u : { data: u, shape: im.volume.shape };
  await writeChallengeCase(`/tmp/wt/hip/${r.case}.npz`, {
    imgs: { data: g.data, shape: g.shape },
    gts: lb.labels,
    spacing: im.volume.spacing,
  });
  rows.push({
    type: "case",
    case: r.case,
    modality: r.modality,
    dataset: r.dataset,
    npz: r.case + ".npz",
    shape: g.shape,
    spacing: im.volume.spacing,
    labels: Object.fromEntries([...labelBoxes(lb.labels)].map(([k, v]) => [k, { voxels: v.voxels }])),
  });
}
writeFileSync("/tmp/wt/hip/cases.ndjson", rows.map((r) => JSON.stringify(r) + "\n").join(""));
writeFileSync(
  "/tmp/wt/hip/one.ndjson",
  rows
    .slice(0, 1)
    .map((r) => JSON.stringify(r) + "\n")
    .join(""),
);
