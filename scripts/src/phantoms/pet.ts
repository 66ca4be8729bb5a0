import { blur, organic, type Solid, smoothField } from "@ensam/core/synthesis";
import type { RandomStream, Zyx } from "@ensam/core/voxels";
import { type Canvas, canvas, paint } from "./canvas.ts";
import { coronal, randomLayout } from "./orient.ts";
import { type Phantom, sampling } from "./phantom.ts";
import { column, inner, tube, within } from "./shapes.ts";

/** Standardised uptake values of FDG, one hour after injection. */
const SUV = {
  air: 0.01,
  fat: 0.35,
  muscle: 0.75,
  lung: 0.4,
  blood: 1.5,
  marrow: 1.3,
  liver: 2.3,
  spleen: 1.9,
  kidney: 3.2,
  pelvis: 9,
  bladder: 16,
  myocardium: 5,
  bowel: 1.4,
  cortex: 10,
  whiteMatter: 4,
  saliva: 2.2,
};

/** An FDG PET of the trunk or of head and neck: low resolution, hot lesions, hot bladder or brain, in SUV. */
export function petPhantom(random: RandomStream, size: number): Phantom {
  const trunk = random.float() < 0.55;
  const { shape, spacing } = trunk
    ? sampling([random.int(60, 70), random.int(40, 46), random.int(50, 60)], [5.4, 5.2, 5.2], size)
    : sampling([random.int(54, 62), random.int(44, 50), random.int(50, 58)], [4.0, 4.6, 4.6], size);
  const target = canvas(shape, spacing, SUV.air);
  if (trunk) paintTrunk(target, random);
  else paintHeadAndNeck(target, random);
  scan(target, random, random.uniform(2.7, 3.6));
  return {
    dataset: trunk ? "PET_PhantomTrunk" : "PET_PhantomHeadNeck",
    painted: target,
    layout: { ...randomLayout(random, random.float() < 0.15 ? coronal : undefined), tilt: 0 },
    stored: "float32",
  };
}

function paintTrunk(target: Canvas, random: RandomStream): void {
  const jitter = (amount: number) => random.uniform(-amount, amount);
  const body = column(random, (z) => [88 + 0.06 * z, 122 + 0.06 * z + Math.max(0, 0.1 * (-z - 90))]);
  paint(target, body, SUV.fat);
  paint(target, inner(body, 12), SUV.muscle);
  const cavity = inner(body, 22);
  for (const side of [-1, 1]) {
    const lung = organic(random, { centre: [125, 0, side * 55], radii: [75, 60, 42], roughness: 0.06 });
    paint(target, within(lung, cavity), SUV.lung);
  }
  paint(target, tube(random, [56, 0], 16, 3), SUV.marrow);
  paint(target, tube(random, [34, 8], 9, 2), SUV.blood);
  const bowelHeat = random.uniform(0.8, 2);
  for (let loop = 0; loop < 10; loop++) {
    const bowel = organic(random, {
      centre: [-60 + jitter(45), -20 + jitter(25), jitter(75)],
      radii: [14, 13, 22],
      turn: [jitter(1), jitter(1), 0],
      roughness: 0.15,
    });
    paint(target, within(bowel, cavity), SUV.bowel * bowelHeat * random.uniform(0.6, 1.4));
  }
  const heart = organic(random, { centre: [80, -28, 28], radii: [34, 34, 40], turn: [0.6, 0.3, 0] });
  const fasted = random.float() < 0.5;
  paint(target, heart, fasted ? SUV.blood : SUV.myocardium);
  paint(target, inner(heart, 13), SUV.blood);
  const liver = within(
    organic(random, { centre: [32, -8, -52], radii: [55, 62, 62], turn: [0.3, 0.3, 0], roughness: 0.09 }),
    cavity,
  );
  paint(target, liver, SUV.liver * random.uniform(0.85, 1.2), "liver");
  const spleen = organic(random, { centre: [30, 32, 78], radii: [36, 30, 20], turn: [-0.5, 0, 0.2] });
  paint(target, within(spleen, cavity), SUV.spleen, "spleen");
  for (const [side, name] of [
    [-1, "right kidney"],
    [1, "left kidney"],
  ] as const) {
    const centre: Zyx = [-22 + 5 * side + jitter(5), 38, side * (56 + jitter(4))];
    paint(
      target,
      organic(random, { centre, radii: [40, 22, 20], turn: [0.2 * side, 0.2 * side, -0.15] }),
      SUV.kidney,
      name,
    );
    const renalPelvis = organic(random, {
      centre: [centre[0], centre[1] - 3, centre[2] - side * 7],
      radii: [13, 6, 6],
    });
    paint(target, renalPelvis, SUV.pelvis, name);
  }
  const full = random.uniform(0.8, 1.25);
  const bladder = organic(random, {
    centre: [-142, -12, jitter(6)],
    radii: [25 * full, 26 * full, 32 * full],
    roughness: 0.06,
  });
  paint(target, bladder, SUV.bladder * random.uniform(0.6, 1.5), "bladder");
  lesions(
    target,
    random,
    inner(body, 26),
    () => [random.uniform(-115, 140), jitter(60), jitter(85)],
    random.int(3, 6),
    [11, 21],
  );
}

function paintHeadAndNeck(target: Canvas, random: RandomStream): void {
  const jitter = (amount: number) => random.uniform(-amount, amount);
  const shoulder = (z: number) => 1 / (1 + Math.exp((z + 78) / 9));
  const body = column(random, (z) => [62 + 18 * shoulder(z), 62 + 70 * shoulder(z)], 0.02);
  const headTop = organic(random, { centre: [40, 0, 0], radii: [78, 94, 74], roughness: 0.02 });
  const neck: Solid = { ...body, depth: (z, y, x) => Math.min(body.depth(z, y - 8, x), 20 - z) };
  for (const part of [neck, headTop]) paint(target, part, SUV.fat);
  for (const part of [neck, headTop]) paint(target, inner(part, 7), SUV.muscle);
  for (const side of [-1, 1]) {
    const apex = organic(random, { centre: [-128, 12, side * 42], radii: [34, 36, 26] });
    paint(target, apex, SUV.lung);
    const parotid = organic(random, { centre: [-22, 12, side * 46], radii: [16, 11, 9] });
    paint(target, parotid, SUV.saliva);
    const tonsil = organic(random, { centre: [-34, -12, side * 14], radii: [9, 7, 6] });
    paint(target, tonsil, SUV.saliva * 1.8);
  }
  paint(target, tube(random, [45, 0], 10, 2), SUV.marrow);
  paint(target, { ...tube(random, [2, 0], 7, 1), reach: [200, 9, 9] }, SUV.air * 10); // the airway
  const brain = organic(random, { centre: [52, 2, 0], radii: [52, 72, 58], roughness: 0.05 });
  const grooves = smoothField(random);
  paint(target, brain, SUV.cortex * random.uniform(0.8, 1.2), "brain");
  const white: Solid = {
    ...brain,
    depth: (z, y, x) => brain.depth(z, y, x) - 15 - 5 * grooves(z / 16, y / 16, x / 16),
  };
  paint(target, white, SUV.whiteMatter, "brain");
  for (const side of [-1, 1]) {
    paint(target, organic(random, { centre: [50, -2, side * 16], radii: [13, 20, 9] }), SUV.cortex * 1.1, "brain");
  }
  const nodes = () =>
    [random.uniform(-105, -35), jitter(22), (random.float() < 0.5 ? -1 : 1) * random.uniform(24, 44)] as const;
  lesions(target, random, inner(neck, 6), nodes, random.int(2, 5), [8, 14]);
  lesions(target, random, inner(neck, 6), () => [random.uniform(-70, -45), -18, jitter(12)], 1, [11, 17]);
}

/** Hot lesions whose centres lie inside `room`; each is a labelled object of its own. */
function lesions(
  target: Canvas,
  random: RandomStream,
  room: Solid,
  where: () => Zyx,
  count: number,
  [least, most]: readonly [number, number],
): void {
  for (let n = 0; n < count; n++) {
    const radius = random.uniform(least, most);
    const radii: Zyx = [radius * random.uniform(0.8, 1.3), radius, radius * random.uniform(0.8, 1.2)];
    let centre = where();
    for (let attempt = 0; attempt < 20 && room.depth(...centre) < radius / 2; attempt++) centre = where();
    const lesion = organic(random, { centre, radii, roughness: 0.16, bumps: 1.6 });
    const known = [...target.names.values()].filter((name) => name.startsWith("lesion")).length;
    paint(target, within(lesion, room), random.uniform(4, 14), `lesion ${known + 1}`);
  }
}

/** The scanner: its resolution (`sigma` in mm), and noise that grows with the root of the activity and is as smooth as the image. */
function scan(target: Canvas, random: RandomStream, sigma: number): void {
  const perVoxel = target.spacing.map((step) => sigma / step) as unknown as Zyx;
  blur(target.data, target.shape, perVoxel);
  const noise = new Float32Array(target.data.length);
  for (let i = 0; i < noise.length; i++) noise[i] = random.normal();
  blur(noise, target.shape, perVoxel);
  for (let i = 0; i < noise.length; i++) {
    const activity = target.data[i]!;
    target.data[i] = Math.fround(Math.max(0, activity + 0.34 * Math.sqrt(activity + 0.02) * noise[i]!));
  }
}
