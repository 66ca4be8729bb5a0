import type { Modality } from "@ensam/core/command";
import { randomStream } from "@ensam/core/voxels";

const modalities: readonly Modality[] = ["CT", "MR", "PET", "US", "Microscopy"];
/** As many datasets as the challenge's training set has. */
const datasets = Array.from({ length: 60 }, (_, i) => `${modalities[i % modalities.length]!}_Set${i}`);

function identityOf(index: number) {
  const dataset = datasets[index % datasets.length]!;
  const modality = modalities[(index % datasets.length) % modalities.length]!;
  return { case: `${dataset}_case_${String(index).padStart(7, "0")}`, modality, dataset };
}

/** Case rows as `ensam-preprocess --index` writes them. */
export function* madeCaseRows(count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const identity = identityOf(i);
    yield JSON.stringify({
      type: "case",
      ...identity,
      npz: `/data/challenge/${identity.modality}/${identity.dataset}/${identity.case}.npz`,
      shape: [60 + (i % 200), 512, 512],
      spacing: [2.5, 0.8, 0.8],
      labels: { "1": { voxels: 1000 + i }, "2": { voxels: 5000 }, "3": { voxels: 777 } },
    });
  }
}

/** Score rows of one model, two objects each. */
export function* madeScoreRows(count: number): Generator<string> {
  const random = randomStream(1, "scores");
  for (let i = 0; i < count; i++) {
    const hasBox = i % 20 !== 0;
    const curve = () => {
      const last = random.float();
      return [0.5, 0.6, 0.7, 0.8, 0.9, 1].map((part, k) => (k === 0 && !hasBox ? null : last * part));
    };
    const [dsc, nsd] = [curve(), curve()];
    const auc = (values: readonly (number | null)[]) =>
      (values[1]! + values[5]!) / 2 + values[2]! + values[3]! + values[4]!;
    yield JSON.stringify({
      type: "score",
      ...identityOf(i),
      model: "made",
      dsc,
      nsd,
      dscAuc: auc(dsc),
      nsdAuc: auc(nsd),
      dscFinal: dsc[5],
      nsdFinal: nsd[5],
      seconds: [hasBox ? 1.25 : null, 0.5, 0.5, 0.5, 0.5, 0.5],
      classes: [
        { label: 1, dsc, nsd },
        { label: 2, dsc, nsd },
      ],
      timedOut: false,
    });
  }
}
