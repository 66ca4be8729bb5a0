import { type Mask, squaredDistance, squaredDistanceInside, type Zyx } from "../voxels/index.ts";

/** The voxels of a mask that lie deepest inside it. */
export interface DeepestVoxels {
  readonly count: number;
  /** The flat index, in C order, of the one with this rank in C order. */
  at(rank: number): number;
}

/** Above so many voxels the evaluator measures depth on a grid of half the resolution. */
const largeCrop = 60_000_000;

/**
 * The deepest voxels of a component, by the exact Euclidean distance to the nearest voxel outside it.
 * The mask is the component's bounding box; what lies beyond counts as outside.
 *
 * The evaluator works on a copy padded by a quarter on each side. Where that has more than 60 million voxels it takes
 * the depth of the 2 x 2 x 2 block a voxel lies in; the blocks are those of the padded copy.
 */
export function deepestVoxels(component: Mask, limit = largeCrop): DeepestVoxels {
  const pads = component.shape.map((extent) => Math.max(1, Math.floor(0.25 * extent))) as unknown as Zyx;
  const [depth, height, width] = component.shape;
  const padded = (depth + 2 * pads[0]) * (height + 2 * pads[1]) * (width + 2 * pads[2]);
  return padded > limit ? deepestByBlocks(component, pads) : deepestByVoxels(component);
}

function deepestByVoxels(component: Mask): DeepestVoxels {
  const { data } = squaredDistanceInside(component);
  let largest = 0;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value > largest) {
      largest = value;
      count = 1;
    } else if (value === largest) count++;
  }
  return {
    count,
    at(rank) {
      let index = data.indexOf(largest);
      for (let i = 0; i < rank; i++) index = data.indexOf(largest, index + 1);
      return index;
    },
  };
}

function deepestByBlocks({ data, shape }: Mask, pads: Zyx): DeepestVoxels {
  const axes = shape.map((extent, axis) => blockAxis(extent, pads[axis]!)) as [BlockAxis, BlockAxis, BlockAxis];
  const [zs, ys, xs] = axes;
  const [depth, height, width] = shape;
  const blocks = new Uint8Array(zs.size * ys.size * xs.size);
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = (zs.block(z) * ys.size + ys.block(y)) * xs.size;
      for (let x = 0; x < width; x++) if (data[i++] !== 0) blocks[row + xs.block(x)] = 1;
    }
  }
  const squared = squaredDistance({ data: blocks, shape: [zs.size, ys.size, xs.size] }, [1, 1, 1]).data;
  let largest = 0;
  for (let i = 0; i < squared.length; i++) if (squared[i]! > largest) largest = squared[i]!;

  function visit(found: (index: number) => boolean): void {
    for (let z = 0, i = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        const row = (zs.block(z) * ys.size + ys.block(y)) * xs.size;
        for (let x = 0; x < width; x++, i++) {
          if (data[i] !== 0 && squared[row + xs.block(x)] === largest && found(i)) return;
        }
      }
    }
  }
  let count = 0;
  visit(() => {
    count++;
    return false;
  });
  return {
    count,
    at(rank) {
      let left = rank;
      let index = -1;
      visit((i) => {
        index = i;
        return left-- === 0;
      });
      return index;
    },
  };
}

/** How one axis of the component falls into blocks of two voxels of the padded copy. */
interface BlockAxis {
  /** Blocks kept: those with the component, and one empty block on either side where the padded copy has one. */
  readonly size: number;
  /** The block, among those kept, of a voxel of the component. */
  block(voxel: number): number;
}

function blockAxis(extent: number, pad: number): BlockAxis {
  const all = Math.ceil((extent + 2 * pad) / 2);
  const first = Math.max(0, (pad >> 1) - 1);
  const last = Math.min(all - 1, ((pad + extent - 1) >> 1) + 1);
  return { size: last - first + 1, block: (voxel) => ((voxel + pad) >> 1) - first };
}
