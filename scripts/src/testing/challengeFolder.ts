import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeChallengeCase } from "@ensam/core/files";
import { challengeBoxes } from "@ensam/core/prompts";
import { type LabelMap, randomStream, type Zyx } from "@ensam/core/voxels";

/** Cases of each dataset for training; of the excluded ones too. */
const training: readonly [dataset: string, stem: string, cases: number][] = [
  ["CT/CT_AMOS", "CT_AMOS_amos", 4],
  ["CT/CT_Aorta", "CT_Aorta_AortaR", 2],
  ["MR/MR_BraTS-T1c", "MR_BraTS-T1c_bratsgli", 3],
  ["PET/PET_autoPET", "PET_autoPET_psma", 2],
  ["US3D/US_Cardiac", "US_Cardiac_patient", 2],
  ["Microscopy/Microscopy_SELMA3D_vessel", "Microscopy_SELMA3D_patchvolume_vessel", 1],
];
const validation = [
  "CT_AMOS_amos_0101",
  "CT_AMOS_amos_0102",
  "MR_BraTS-T1c_bratsgli_0101",
  "PET_autoPET_psma_0101",
  "US_Cardiac_patient0101",
  "Microscopy_SELMA3D_patchvolume_vessel_101",
];

/**
 * Makes a folder as the challenge's download has them, in small: 14 training cases of six datasets (11 of them eligible
 * for the coreset), six validation cases with their truth in a folder of its own, boxes except in microscopy; `broken`
 * adds a file that is no npz.
 */
export async function makeChallengeFolder(folder: string, { broken = false, seed = 1 } = {}): Promise<void> {
  for (const [dataset, stem, count] of training) {
    for (let i = 1; i <= count; i++) {
      const name = `${stem}_${String(i).padStart(4, "0")}`;
      await write(join(folder, "3D_train_npz_all", dataset, `${name}.npz`), name, seed, ["imgs", "gts"]);
    }
  }
  for (const name of validation) {
    const boxes = name.startsWith("Microscopy") ? [] : (["boxes"] as const);
    await write(join(folder, "3D_val_npz", `${name}.npz`), name, seed, ["imgs", ...boxes]);
    await write(join(folder, "3D_val_gt/3D_val_gt_interactive", `${name}.npz`), name, seed, ["gts"]);
  }
  if (broken) writeFileSync(join(folder, "3D_val_npz", "CT_AMOS_amos_0100.npz"), "no npz");
}

async function write(
  path: string,
  name: string,
  seed: number,
  members: readonly ("imgs" | "gts" | "boxes")[],
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const { imgs, gts } = madeCase(name, seed);
  const random = randomStream(seed, "box", name);
  await writeChallengeCase(path, {
    storedSpacing: [1, 1, 2],
    ...(members.includes("imgs") && { imgs }),
    ...(members.includes("gts") && { gts }),
    ...(members.includes("boxes") && { boxes: [...challengeBoxes(gts, () => random.int(0, 6)).values()] }),
  });
}

/** Two balls of their own greys in noise. */
function madeCase(name: string, seed: number): { imgs: LabelMap; gts: LabelMap } {
  const random = randomStream(seed, "case", name);
  const shape: Zyx = [random.int(10, 14), random.int(20, 26), random.int(20, 26)];
  const [imgs, gts] = [0, 0].map(() => new Uint8Array(shape[0] * shape[1] * shape[2]));
  const balls = [0.3, 0.7].map((place, i) => ({
    centre: [shape[0] / 2, shape[1] * (0.5 + 0.1 * random.float()), shape[2] * place] as const,
    radius: random.uniform(4, 5.5),
    grey: 110 + 80 * i,
  }));
  let at = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, at++) {
        const inside = balls.findIndex(({ centre, radius }) => {
          return Math.hypot(1.4 * (z - centre[0]), y - centre[1], x - centre[2]) < radius;
        });
        gts![at] = inside + 1;
        imgs![at] = (inside < 0 ? 30 : balls[inside]!.grey) + random.int(0, 40);
      }
    }
  }
  return { imgs: { data: imgs!, shape }, gts: { data: gts!, shape } };
}
