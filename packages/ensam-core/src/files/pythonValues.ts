import type { VoxelArray } from "../voxels/index.ts";

/**
 * A numeric array as numpy stores it, in C order. `dtype` is numpy's, little-endian ("|b1", "|u1", "<i8", "<f4", ...);
 * 64-bit integers are held as exact doubles, float16 as float32, booleans as 0 and 1.
 */
export interface NpyArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: VoxelArray;
}

/** An array of text (numpy's `<Un`), C order. */
export interface TextArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly text: readonly string[];
}

/** An array of Python objects (numpy's `|O`, pickled), C order; shape [] is one object. */
export interface ObjectArray {
  readonly dtype: "|O";
  readonly shape: readonly number[];
  readonly objects: readonly PickledValue[];
}

export type NpyValue = NpyArray | TextArray | ObjectArray;

/** What a pickle can hold here: None as null, dicts as plain objects, tuples as lists. */
export type PickledValue =
  | null
  | boolean
  | number
  | string
  | readonly PickledValue[]
  | { readonly [key: string]: PickledValue }
  | NpyValue;
