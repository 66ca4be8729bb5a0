// The last part of Winograd's convolution: 64 points of a tile back to 2x2x2 voxels. Along an axis: m0 + m1 + m2 and
// m1 - m2 - m3.

/** Stores the first `lanes` of four. */
// @ts-ignore: decorator
@inline
function put(to: usize, value: v128, addend: usize, lanes: usize): void {
  let v = value;
  if (addend) v = f32x4.add(v, v128.load(addend));
  if (lanes == 4) {
    v128.store(to, v);
    return;
  }
  store<f32>(to, f32x4.extract_lane(v, 0));
  if (lanes > 1) store<f32>(to + 4, f32x4.extract_lane(v, 1));
  if (lanes > 2) store<f32>(to + 8, f32x4.extract_lane(v, 2));
}

/**
 * One row of tiles of four output channels.
 *
 * @param points     of the first tile; [64] planes `pointStep` bytes apart, tiles `tileStep` bytes apart
 * @param voxels     along x
 * @param bias       address of four floats
 * @param addend     offset from y to the addend, or 0 if there is none
 * @param hasRow     whether the second row of voxels lies inside, as `hasPlane` of the second plane
 * @param lanes      channels that there are, 1 to 4
 */
export function tilesBack(
  points: usize, pointStep: usize, tileStep: usize, voxels: usize, bias: usize, addend: usize,
  y: usize, voxelStep: usize, rowStep: usize, planeStep: usize, hasRow: bool, hasPlane: bool, lanes: usize,
): void {
  const start = v128.load(bias);
  for (let v: usize = 0; v < voxels; v += 2) {
    let s000 = start, s001 = start, s010 = start, s011 = start;
    let s100 = start, s101 = start, s110 = start, s111 = start;
    let p = points;
    for (let a: usize = 0; a < 4; a++) {
      let m1 = v128.load(p + pointStep), m2 = v128.load(p + (pointStep << 1));
      let n00 = f32x4.add(v128.load(p), f32x4.add(m1, m2));
      let n01 = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + pointStep * 3));
      p += pointStep << 2;
      m1 = v128.load(p + pointStep), m2 = v128.load(p + (pointStep << 1));
      let e = f32x4.add(v128.load(p), f32x4.add(m1, m2));
      let f = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + pointStep * 3));
      p += pointStep << 2;
      n00 = f32x4.add(n00, e);
      n01 = f32x4.add(n01, f);
      let n10 = e, n11 = f;
      m1 = v128.load(p + pointStep), m2 = v128.load(p + (pointStep << 1));
      e = f32x4.add(v128.load(p), f32x4.add(m1, m2));
      f = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + pointStep * 3));
      p += pointStep << 2;
      n00 = f32x4.add(n00, e);
      n01 = f32x4.add(n01, f);
      n10 = f32x4.sub(n10, e);
      n11 = f32x4.sub(n11, f);
      m1 = v128.load(p + pointStep), m2 = v128.load(p + (pointStep << 1));
      n10 = f32x4.sub(n10, f32x4.add(v128.load(p), f32x4.add(m1, m2)));
      n11 = f32x4.sub(n11, f32x4.sub(f32x4.sub(m1, m2), v128.load(p + pointStep * 3)));
      p += pointStep << 2;
      if (a != 3) {
        s000 = f32x4.add(s000, n00);
        s001 = f32x4.add(s001, n01);
        s010 = f32x4.add(s010, n10);
        s011 = f32x4.add(s011, n11);
      }
      if (a == 1) {
        s100 = f32x4.add(s100, n00);
        s101 = f32x4.add(s101, n01);
        s110 = f32x4.add(s110, n10);
        s111 = f32x4.add(s111, n11);
      } else if (a) {
        s100 = f32x4.sub(s100, n00);
        s101 = f32x4.sub(s101, n01);
        s110 = f32x4.sub(s110, n10);
        s111 = f32x4.sub(s111, n11);
      }
    }
    const hasVoxel = v + 1 < voxels;
    putPair(y, s000, s001, voxelStep, addend, hasVoxel, lanes);
    if (hasRow) putPair(y + rowStep, s010, s011, voxelStep, addend, hasVoxel, lanes);
    if (hasPlane) {
      putPair(y + planeStep, s100, s101, voxelStep, addend, hasVoxel, lanes);
      if (hasRow) putPair(y + planeStep + rowStep, s110, s111, voxelStep, addend, hasVoxel, lanes);
    }
    points += tileStep;
    y += voxelStep << 1;
  }
}

// @ts-ignore: decorator
@inline
function putPair(y: usize, first: v128, second: v128, voxelStep: usize, addend: usize, hasSecond: bool, lanes: usize): void {
  put(y, first, addend ? y + addend : 0, lanes);
  if (hasSecond) put(y + voxelStep, second, addend ? y + voxelStep + addend : 0, lanes);
}
