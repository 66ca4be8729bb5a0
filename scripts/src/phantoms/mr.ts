import { blur, organic, roughField, type Solid, smoothField } from "@ensam/core/synthesis";
import type { RandomStream, Zyx } from "@ensam/core/voxels";
import { type Canvas, canvas, eachVoxel, paint } from "./canvas.ts";
import { axial, coronal, randomLayout, sagittal } from "./orient.ts";
import { type Phantom, sampling } from "./phantom.ts";
import { inner, within } from "./shapes.ts";

/** Signal of each tissue, arbitrary units, in the three sequences. */
interface Contrast {
  readonly fat: number;
  readonly bone: number;
  readonly marrow: number;
  readonly muscle: number;
  readonly fluid: number;
  readonly grey: number;
  readonly white: number;
  readonly nuclei: number;
  readonly oedema: number;
  readonly rim: number;
  readonly necrosis: number;
}

const SEQUENCES: Record<"T1c" | "T2" | "FLAIR", Contrast> = {
  T1c: {
    fat: 900,
    bone: 60,
    marrow: 420,
    muscle: 330,
    fluid: 110,
    grey: 400,
    white: 650,
    nuclei: 500,
    oedema: 400,
    rim: 980,
    necrosis: 190,
  },
  T2: {
    fat: 640,
    bone: 50,
    marrow: 300,
    muscle: 180,
    fluid: 1050,
    grey: 600,
    white: 400,
    nuclei: 490,
    oedema: 800,
    rim: 640,
    necrosis: 950,
  },
  FLAIR: {
    fat: 520,
    bone: 50,
    marrow: 260,
    muscle: 230,
    fluid: 90,
    grey: 580,
    white: 400,
    nuclei: 500,
    oedema: 900,
    rim: 690,
    necrosis: 330,
  },
};

/** A brain MR with a tumour: T1 after contrast, T2 or FLAIR, with a receive-coil bias field and Rician noise. */
export function mrPhantom(random: RandomStream, size: number): Phantom {
  const sequence = (["T1c", "T2", "FLAIR"] as const)[random.int(0, 3)]!;
  const contrast = SEQUENCES[sequence];
  const thick = random.float() < 0.35;
  const { shape, spacing } = sampling(
    thick ? [40, random.int(62, 70), random.int(52, 60)] : [random.int(58, 66), random.int(64, 73), random.int(52, 60)],
    thick ? [4.3, 2.9, 2.8] : [2.9, 2.8, 2.8],
    size,
  );
  const target = canvas(shape, spacing, 8);
  const head = organic(random, { centre: [0, 0, 0], radii: [84, 93, 73], roughness: 0.015 });
  const brain = paintHead(target, random, head, contrast);
  paintInside(target, random, brain, contrast);
  paintHindbrain(target, random, contrast);
  addBiasAndNoise(target, random, random.uniform(14, 26), 10 ** random.uniform(-0.4, 0.5));
  const axes: Zyx = thick ? axial : [axial, coronal, sagittal][random.int(0, 3)]!;
  return {
    dataset: `MR_PhantomBrain${sequence}`,
    painted: target,
    layout: randomLayout(random, axes, 0.25),
    stored: "int16",
  };
}

/** Scalp, skull, fluid, and the folded cortex over white matter; returns the brain's outline. */
function paintHead(target: Canvas, random: RandomStream, head: Solid, contrast: Contrast): Solid {
  const fine = 1.6;
  paint(target, head, contrast.muscle);
  paint(target, inner(head, 2.2), contrast.fat, undefined, fine);
  paint(target, inner(head, 6), contrast.bone, undefined, fine);
  paint(target, inner(head, 8), contrast.marrow, undefined, fine);
  paint(target, inner(head, 10), contrast.bone, undefined, fine);
  const face: Solid = { centre: [-60, -20, 0], reach: [60, 90, 70], depth: (z, y) => -z - 34 - 0.25 * y };
  paint(target, within(face, inner(head, 5)), contrast.muscle);
  for (const side of [-1, 1]) {
    const eye = organic(random, { centre: [-32, -68, side * 28], radii: [12, 12, 12], roughness: 0.01 });
    paint(target, eye, contrast.fluid, side < 0 ? "right eye" : "left eye");
  }
  const skullBase = (z: number, y: number) => z + 36 + Math.min(22, Math.max(0, 0.6 * (y + 5)));
  const cavity: Solid = { ...head, depth: (z, y, x) => Math.min(head.depth(z, y, x) - 12.5, skullBase(z, y) + 3) };
  paint(target, cavity, contrast.fluid);
  const folds = roughField(random);
  const fold = (z: number, y: number, x: number) => folds(z / 21, y / 21, x / 21);
  const outline: Solid = { ...head, depth: (z, y, x) => Math.min(head.depth(z, y, x) - 15, skullBase(z, y)) };
  const falx = (z: number, y: number, x: number) => Math.abs(x) - (Math.hypot(z - 4, 0.72 * y) > 34 ? 1.6 : -9);
  const sulcus = (z: number, y: number, x: number) => Math.max(0, 1.15 - 2.9 * Math.abs(fold(z, y, x))) * 11;
  const grey: Solid = {
    ...head,
    depth: (z, y, x) => Math.min(outline.depth(z, y, x) - sulcus(z, y, x), falx(z, y, x)),
  };
  paint(target, grey, contrast.grey);
  const white: Solid = {
    ...head,
    depth(z, y, x) {
      const deep = outline.depth(z, y, x) - 7.5 - Math.max(0, 1.25 - 1.5 * Math.abs(fold(z, y, x))) * 11;
      return Math.min(deep, falx(z, y, x) - 4.5);
    },
  };
  paint(target, white, contrast.white);
  return outline;
}

function paintInside(target: Canvas, random: RandomStream, brain: Solid, contrast: Contrast): void {
  const wide = random.uniform(0.85, 1.25);
  for (const side of [-1, 1]) {
    const name = side < 0 ? "right" : "left";
    const thalamus = organic(random, {
      centre: [2, 8, side * 11],
      radii: [9, 15, 8],
      turn: [0.25 * side, 0, 0],
      roughness: 0.05,
    });
    const striatum = organic(random, {
      centre: [4, -14, side * 23],
      radii: [12, 19, 7],
      turn: [-0.3 * side, 0, 0.1],
      roughness: 0.08,
    });
    paint(target, striatum, contrast.nuclei, `${name} putamen`);
    paint(target, thalamus, contrast.nuclei, `${name} thalamus`);
    const body = { radii: [8 * wide, 28, 6.5 * wide] as const, roughness: 0.1 };
    const ventricle = organic(random, {
      centre: [20, -3, side * 11],
      turn: [0.22 * side, 0.15 * side, -0.12],
      ...body,
    });
    const horn = organic(random, {
      centre: [12, 27, side * 20],
      radii: [8 * wide, 14, 6 * wide],
      turn: [0.5 * side, 0, 0.5],
    });
    paint(target, ventricle, contrast.fluid, "lateral ventricles");
    paint(target, horn, contrast.fluid, "lateral ventricles");
  }
  const third = organic(random, { centre: [0, 2, 0], radii: [11, 14, 2.6], roughness: 0.05 });
  paint(target, third, contrast.fluid);
  const side = random.float() < 0.5 ? -1 : 1;
  const radius = random.uniform(10, 18);
  const centre: Zyx = [random.uniform(10, 40), random.uniform(-35, 38), side * random.uniform(26, 36)];
  const radii: Zyx = [radius, radius * random.uniform(0.9, 1.3), radius];
  const tumour = within(organic(random, { centre, radii, roughness: 0.14, bumps: 1.8 }), inner(brain, 2));
  const halo = organic(random, {
    centre,
    radii: [radius * 1.6, radius * 1.8, radius * 1.5],
    roughness: 0.22,
    bumps: 1.8,
  });
  paint(target, within(halo, inner(brain, 9)), contrast.oedema);
  paint(target, tumour, contrast.rim, "tumour");
  const core = organic(random, {
    centre,
    radii: [radius * 0.62, radius * 0.68, radius * 0.6],
    roughness: 0.2,
    bumps: 2,
  });
  paint(target, core, contrast.necrosis, "tumour");
}

function paintHindbrain(target: Canvas, random: RandomStream, contrast: Contrast): void {
  const cistern = organic(random, { centre: [-48, 34, 0], radii: [30, 38, 50], roughness: 0.03 });
  paint(target, cistern, contrast.fluid);
  const cerebellum = organic(random, {
    centre: [-47, 40, 0],
    radii: [22, 28, 45],
    turn: [0, 0, 0.35],
    roughness: 0.05,
  });
  const positions = smoothField(random);
  paint(target, cerebellum, contrast.grey, "cerebellum");
  paint(
    target,
    inner(cerebellum, 8),
    (_, depth) => (Math.sin(depth * 1.3 + positions(depth, 0, 0)) > -0.3 ? contrast.white : contrast.grey),
    "cerebellum",
  );
  const fourth = organic(random, { centre: [-46, 22, 0], radii: [9, 5, 7], roughness: 0.05 });
  const stem = organic(random, { centre: [-42, 10, 0], radii: [36, 12, 13], turn: [0, 0, -0.25], roughness: 0.06 });
  paint(target, stem, contrast.white * 0.93, "brainstem");
  paint(target, fourth, contrast.fluid);
}

/** Multiplies a smooth coil sensitivity in, scales to the scanner's units, and takes the magnitude of noisy complex data. */
function addBiasAndNoise(target: Canvas, random: RandomStream, deviation: number, scale: number): void {
  const sensitivity = smoothField(random);
  const texture = new Float32Array(target.data.length);
  for (let i = 0; i < texture.length; i++) texture[i] = random.normal();
  blur(texture, target.shape, [0.8, 0.8, 0.8]);
  blur(target.data, target.shape, [0.35, 0.35, 0.35]);
  eachVoxel(target, (index, z, y, x) => {
    const coil = Math.exp(0.2 * sensitivity(z / 110, y / 110, x / 110));
    const signal = target.data[index]! * coil * (1 + 0.08 * texture[index]!);
    const magnitude = Math.hypot(signal + deviation * random.normal(), deviation * random.normal());
    target.data[index] = Math.round(magnitude * scale);
  });
}
