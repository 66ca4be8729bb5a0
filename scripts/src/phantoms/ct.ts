import { blur, organic, type Solid, smoothField } from "@ensam/core/synthesis";
import type { RandomStream } from "@ensam/core/voxels";
import { type Canvas, canvas, eachVoxel, paint, positionsOf } from "./canvas.ts";
import { randomLayout } from "./orient.ts";
import { type Phantom, sampling } from "./phantom.ts";
import { column, inner, tube, within, without } from "./shapes.ts";

/** Hounsfield units. The abdominal organs lie 15 to 60 HU apart: a wide window hides them, the soft one shows them. */
const HU = {
  air: -1000,
  lung: -840,
  fat: -105,
  muscle: 55,
  fluid: 12,
  stomach: 30,
  bowel: 38,
  spleen: 118,
  liver: 98,
  tumour: 52,
  kidney: 165,
  medulla: 120,
  aorta: 175,
  cava: 125,
  heart: 85,
  chamber: 165,
  disc: 85,
  marrow: 330,
  cortex: 720,
  table: -350,
};

/** A contrast-enhanced CT of a small child's trunk, centred on the abdomen or on the chest, in HU with noise and a table. */
export function ctPhantom(random: RandomStream, size: number): Phantom {
  const chest = random.float() < 0.4;
  const { shape, spacing } = sampling(
    [random.int(40, 53), random.int(52, 61), random.int(64, 73)],
    [random.uniform(3.3, 4.2), 3.1, 3.1],
    size,
  );
  const target = canvas(shape, spacing, HU.air);
  const dome = chest ? random.uniform(-55, -35) : random.uniform(38, 58);
  const girth = random.uniform(0.9, 1.04);
  const trunk = column(random, () => [60 * girth, 88 * girth]);
  paintTable(target, 68 * girth);
  const cavity = paintWall(target, random, trunk, dome);
  paintLungs(target, random, cavity, dome);
  paintAbdomen(target, random, cavity, dome);
  paintSpineAndVessels(target, random);
  addNoise(target, random, random.uniform(9, 16));
  return {
    dataset: chest ? "CT_PhantomChest" : "CT_PhantomAbdomen",
    painted: target,
    layout: randomLayout(random),
    stored: "int16",
    window: chest ? "lung" : "soft",
  };
}

function paintTable(target: Canvas, y0: number): void {
  const depth = (_z: number, y: number, x: number) => 2.2 - Math.abs(y - y0 - 8 + (x / 34) ** 2);
  const everywhere = [500, 500, 500] as const;
  paint(target, { centre: [0, 0, 0], reach: everywhere, depth }, HU.table);
}

/** Skin, fat, muscle and ribs; returns the cavity inside them. */
function paintWall(target: Canvas, random: RandomStream, trunk: Solid, dome: number): Solid {
  const fat = random.uniform(5, 11);
  paint(target, trunk, 10); // skin
  paint(target, inner(trunk, 2), HU.fat);
  paint(target, inner(trunk, fat), HU.muscle);
  const ribs: Solid = {
    ...trunk,
    depth(z, y, x) {
      const layer = 2.6 - Math.abs(trunk.depth(z, y, x) - fat - 4.5);
      const slope = 0.45 * y;
      const gap = 4.2 - Math.abs(((((z + slope + 500) % 19) + 19) % 19) - 9.5);
      return z < dome - 45 - 0.4 * y ? -9 : Math.min(layer, gap);
    },
  };
  paint(target, ribs, (_, depth) => (depth > 1.4 ? 380 : 620));
  const cavity = inner(trunk, fat + 9);
  paint(target, cavity, HU.fat + 5);
  return cavity;
}

function paintLungs(target: Canvas, random: RandomStream, cavity: Solid, dome: number): void {
  const heart = organic(random, {
    centre: [dome + 34, -14, 12],
    radii: [30, 27, 33],
    turn: [0.5, 0.2, 0],
    roughness: 0.06,
  });
  const vessels = smoothField(random);
  const vesselTexture = (z: number, y: number, x: number) => Math.abs(vessels(z / 9, y / 9, x / 9));
  for (const [side, name] of [
    [-1, "right lung"],
    [1, "left lung"],
  ] as const) {
    const half: Solid = {
      ...cavity,
      depth(z, y, x) {
        const mediastinum = side * x - 13 - Math.max(0, 0.25 * -y);
        const diaphragm = z - domeHeight(dome, y, x, side);
        return Math.min(cavity.depth(z, y, x), mediastinum, diaphragm);
      },
    };
    const lung = without(half, heart, 2);
    const positions = positionsOf(target);
    paint(
      target,
      lung,
      (index) => {
        const [z, y, x] = positions(index);
        return vesselTexture(z, y, x) < 0.075 ? -250 : HU.lung;
      },
      name,
    );
    for (let n = 0; n < 2; n++) {
      const radius = random.uniform(6, 12);
      const centre = [dome + random.uniform(25, 60), random.uniform(-15, 30), side * random.uniform(34, 52)] as const;
      const nodule = organic(random, { centre, radii: [radius, radius, radius * 0.9], roughness: 0.14, bumps: 2 });
      if (random.float() < 0.6)
        paint(target, within(nodule, inner(lung, 1)), 35, `lung nodule ${side < 0 ? "right" : "left"}`);
    }
  }
  paint(target, heart, HU.heart, "heart");
  paint(
    target,
    inner(heart, 7),
    (index) => (positionsOf(target)(index)[2] > 10 ? HU.chamber : HU.chamber - 30),
    "heart",
  );
}

function paintAbdomen(target: Canvas, random: RandomStream, cavity: Solid, dome: number): void {
  const below: Solid = {
    ...cavity,
    depth: (z, y, x) => Math.min(cavity.depth(z, y, x), domeHeight(dome, y, x, x < 0 ? -1 : 1) - 2 - z),
  };
  const place = (solid: Solid) => within(solid, below);
  const jitter = (amount: number) => random.uniform(-amount, amount);
  for (let loop = 0; loop < 9; loop++) {
    const centre = [dome - 75 - 14 * (loop % 3) + jitter(6), -18 + jitter(14), (loop - 4) * 15 + jitter(5)] as const;
    const bowel = place(organic(random, { centre, radii: [12, 11, 13], roughness: 0.12 }));
    paint(target, bowel, HU.bowel + jitter(12));
    paint(target, within(inner(bowel, 3.5), above(centre[1] - 1)), random.float() < 0.4 ? -850 : HU.fluid);
  }
  const stomach = place(
    organic(random, { centre: [dome - 22 + jitter(5), -20, 34 + jitter(5)], radii: [26, 20, 25], turn: [0.6, 0, 0.3] }),
  );
  paint(target, stomach, HU.muscle, "stomach");
  paint(target, inner(stomach, 3), HU.stomach, "stomach");
  paint(target, within(inner(stomach, 3), above(-28)), -900, "stomach");
  const liver = place(
    organic(random, {
      centre: [dome - 26 + jitter(5), -6, -32 + jitter(5)],
      radii: [43, 43, 47],
      turn: [0.25, 0.2, 0.1],
      roughness: 0.1,
    }),
  );
  const veins = smoothField(random);
  const positions = positionsOf(target);
  const parenchyma = (index: number) => {
    const [z, y, x] = positions(index);
    return Math.abs(veins(z / 22, y / 22, x / 22)) < 0.05 ? HU.liver + 40 : HU.liver;
  };
  paint(target, liver, parenchyma, "liver");
  const gallbladder = organic(random, { centre: [dome - 56, -30, -22], radii: [11, 9, 8], turn: [0.5, 0.3, 0] });
  paint(target, place(gallbladder), HU.fluid, "gallbladder");
  for (let n = random.int(1, 3); n > 0; n--) {
    const radius = random.uniform(7, 13);
    const centre = [dome - 28 + jitter(16), -4 + jitter(20), -40 + jitter(16)] as const;
    const tumour = organic(random, { centre, radii: [radius, radius, radius * 1.2], roughness: 0.16 });
    paint(target, within(tumour, inner(liver, 3)), HU.tumour, `liver tumour ${n}`);
  }
  const spleen = organic(random, {
    centre: [dome - 24 + jitter(6), 22, 54],
    radii: [27, 24, 15],
    turn: [-0.5, 0, 0.2],
    roughness: 0.1,
  });
  paint(target, place(spleen), HU.spleen, "spleen");
  for (const [side, name] of [
    [-1, "right kidney"],
    [1, "left kidney"],
  ] as const) {
    const centre = [dome - 62 + 4 * side + jitter(5), 27, side * (38 + jitter(3))] as const;
    const bean = organic(random, { centre, radii: [27, 15, 14], turn: [0.35 * side, 0.2 * side, -0.15] });
    const hilum = organic(random, { centre: [centre[0], centre[1] - 5, centre[2] - side * 15], radii: [9, 9, 9] });
    const kidney = place(without(bean, hilum));
    paint(target, kidney, HU.kidney, name);
    paint(target, inner(kidney, 5), HU.medulla, name);
  }
}

function paintSpineAndVessels(target: Canvas, random: RandomStream): void {
  paint(target, tube(random, [14, 9], random.uniform(6.5, 8), 1.2), HU.aorta, "aorta");
  paint(target, tube(random, [12, -12], random.uniform(6.5, 8.5), 1.5), HU.cava, "inferior vena cava");
  for (const side of [-1, 1]) paint(target, columnAt([43, side * 25], [13, 17]), HU.muscle);
  const body = columnAt([33, 0], [13, 16]);
  const offset = random.uniform(0, 24);
  const positions = positionsOf(target);
  const bone = (index: number, depth: number) => {
    const level = (((positions(index)[0] + offset) % 24) + 24) % 24;
    if (level < 5.5) return HU.disc;
    return depth < 3 || level < 8 || level > 21.5 ? HU.cortex : HU.marrow;
  };
  paint(target, body, bone, "spine");
  const arch = columnAt([50, 0], [10, 11]);
  paint(target, arch, HU.cortex - 120, "spine");
  paint(target, columnAt([58, 0], [9, 3.2]), HU.cortex - 150, "spine");
  paint(target, columnAt([49, 0], [6, 6.5]), 32); // the spinal canal
}

/** An upright elliptical rod at [y, x] mm. */
function columnAt([y0, x0]: readonly [number, number], [b, a]: readonly [number, number]): Solid {
  return {
    centre: [0, y0, x0],
    reach: [500, b, a],
    depth: (_z, y, x) => (1 - Math.hypot((y - y0) / b, (x - x0) / a)) * Math.min(a, b),
  };
}

/** What lies in front of y mm: gas rises to the front of a patient on the back. */
function above(y0: number): Solid {
  return { centre: [0, 0, 0], reach: [500, 500, 500], depth: (_z, y) => y0 - y };
}

/** Height of the diaphragm: two domes, the right one higher, low at the walls. */
function domeHeight(dome: number, y: number, x: number, side: number): number {
  return dome + (side < 0 ? 22 : 15) - 34 * (((Math.abs(x) - 34) / 48) ** 2 + ((y + 8) / 52) ** 2);
}

/** Quantum noise, a little correlated in the slice as after reconstruction, stronger in the middle of the body. */
function addNoise(target: Canvas, random: RandomStream, deviation: number): void {
  const noise = new Float32Array(target.data.length);
  for (let i = 0; i < noise.length; i++) noise[i] = random.normal();
  blur(noise, target.shape, [0, 0.5, 0.5]);
  blur(target.data, target.shape, [0.3, 0.35, 0.35]);
  eachVoxel(target, (index, _z, y, x) => {
    const centre = Math.exp(-((y / 70) ** 2) - (x / 95) ** 2);
    const value = target.data[index]! + noise[index]! * deviation * 1.5 * (0.6 + 0.7 * centre);
    target.data[index] = Math.max(-1024, Math.round(value));
  });
}
