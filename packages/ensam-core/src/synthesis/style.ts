import type { RandomStream } from "../voxels/index.ts";

export type StyleName = "CT" | "MR" | "PET" | "US" | "Microscopy";

export type NoiseKind = "gaussian" | "rician" | "poisson" | "speckle";

/** How tissues look and how the image of them is taken: one draw of a modality. */
export interface Style {
  readonly name: StyleName;
  /** Mean intensity of a labelled tissue and of one that is not, 0 to 1. */
  readonly object: () => number;
  readonly background: () => number;
  /** Deviation inside a tissue: broad, fine, and from one voxel to the next. */
  readonly texture: { readonly broad: number; readonly fine: number; readonly white: number };
  /** Bright borders between dark cells, as membranes are stained. */
  readonly membranes: boolean;
  /** Width of the point spread across x and y, and along z; cells. */
  readonly blur: number;
  readonly blurZ: number;
  /** Deviation of the logarithm of the bias field. */
  readonly bias: number;
  readonly noise: NoiseKind;
  /** Deviation of the noise where the signal is 1. */
  readonly noiseLevel: number;
  /** Whether what is not labelled is exactly 0, as in images whose background was cut away. */
  readonly isCutOut: boolean;
  readonly isInverted: boolean;
  /** Exponent of the grey curve. */
  readonly gamma: number;
  /** Shares of the voxels that are clipped below and above. */
  readonly clip: readonly [number, number];
}

/**
 * Draws a style. The ranges are wider than any real scanner's on purpose: a network that has seen every contrast needs
 * to know none (SynthSeg: Billot et al., Medical Image Analysis 86, 2023).
 */
export function drawStyle(name: StyleName, random: RandomStream): Style {
  const between = (low: number, high: number) => random.uniform(low, high);
  const chance = (share: number) => random.float() < share;
  const common = {
    name,
    texture: { broad: between(0, 0.08), fine: between(0, 0.08), white: between(0, 0.04) },
    membranes: false,
    blur: between(0.25, 0.8),
    blurZ: between(0.25, 0.8),
    bias: between(0, 0.08),
    noiseLevel: between(0.005, 0.06),
    isCutOut: chance(0.05),
    isInverted: false,
    gamma: Math.exp(between(-0.35, 0.35)),
    clip: [between(0, 0.01), between(0, 0.01)] as const,
  };
  const anything = () => random.float();
  switch (name) {
    case "CT": {
      const middle = between(0.35, 0.65);
      const spread = between(0.05, 0.25);
      // Soft tissues lie close together; now and then there is bone, fat or air.
      const tissue = () => (chance(0.2) ? anything() : middle + spread * random.normal());
      return { ...common, object: tissue, background: tissue, noise: "gaussian", gamma: 1 };
    }
    case "MR":
      return {
        ...common,
        object: anything,
        background: anything,
        noise: "rician",
        bias: between(0, 0.35),
        isCutOut: chance(0.15),
        isInverted: chance(0.08),
      };
    case "PET": {
      const isHot = chance(0.85);
      return {
        ...common,
        object: () => (isHot ? between(0.35, 1) : between(0.05, 0.6)),
        background: () => (chance(0.1) ? between(0.3, 0.9) : between(0.03, 0.25)),
        texture: { broad: between(0, 0.2), fine: between(0, 0.15), white: 0 },
        blur: between(0.6, 1.6),
        blurZ: between(0.6, 1.6),
        noise: "poisson",
        noiseLevel: between(0.02, 0.12),
      };
    }
    case "US":
      return {
        ...common,
        object: () => between(0.05, 0.9),
        background: () => between(0.1, 0.9),
        blur: between(0.4, 1.3),
        blurZ: between(0.4, 1.6),
        bias: between(0.05, 0.45),
        noise: "speckle",
        noiseLevel: between(0.1, 0.5),
      };
    case "Microscopy": {
      const isDark = chance(0.15);
      return {
        ...common,
        object: () => (isDark ? between(0.02, 0.3) : between(0.3, 1)),
        background: () => (isDark ? between(0.4, 1) : chance(0.15) ? between(0.2, 0.5) : between(0, 0.15)),
        texture: { broad: between(0, 0.15), fine: between(0, 0.25), white: between(0, 0.1) },
        membranes: chance(0.3),
        blurZ: between(0.3, 1.6),
        noise: "poisson",
        noiseLevel: between(0.01, 0.12),
      };
    }
  }
}
