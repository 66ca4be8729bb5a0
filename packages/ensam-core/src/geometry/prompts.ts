import { type AxisTurn, turnBox, turnVoxel } from "./axisTurn.ts";
import type { Box } from "./box.ts";
import type { Zyx } from "./zyx.ts";

/** A point that the user gives: inside the object (foreground) or outside of it. */
export interface Click {
  readonly at: Zyx;
  readonly foreground: boolean;
}

/** What the user has said about one object so far, in voxels of one grid: the box stays, clicks come in their order. */
export interface Prompts {
  readonly box?: Box;
  readonly clicks: readonly Click[];
}

/** The prompts of one object of several. */
export interface PromptedObject extends Prompts {
  /** The value that the object gets in the label map: a positive integer. */
  readonly label: number;
}

/** Prompts with every point and box taken to another grid. */
export function mapPrompts({ box, clicks }: Prompts, toPoint: (point: Zyx) => Zyx, toBox: (box: Box) => Box): Prompts {
  return {
    ...(box !== undefined && { box: toBox(box) }),
    clicks: clicks.map(({ at, foreground }) => ({ at: toPoint(at), foreground })),
  };
}

/**
 * What was said of an object of a stored image, in voxels of the turned one.
 *
 * @param shape  of the image as it is stored
 */
export function turnPrompts<Item extends Prompts>(turn: AxisTurn, shape: Zyx, prompts: Item): Item {
  const toPoint = (point: Zyx) => turnVoxel(turn, shape, point);
  return { ...prompts, ...mapPrompts(prompts, toPoint, (box) => turnBox(turn, shape, box)) };
}

/**
 * Objects that exclude each other: what a click says to be inside of one is outside of the others (ENSAM §4.5.3). Each
 * gets the others' foreground clicks as background clicks, behind its own.
 */
export function excludeOthers<Item extends PromptedObject>(objects: readonly Item[]): Item[] {
  return objects.map((object) => {
    const others = objects.filter((other) => other !== object).flatMap(({ clicks }) => clicks);
    const outside = others.filter(({ foreground }) => foreground).map(({ at }) => ({ at, foreground: false }));
    return { ...object, clicks: [...object.clicks, ...outside] };
  });
}

/** Whether both ask the same. */
export function samePrompts(a: Prompts, b: Prompts): boolean {
  return JSON.stringify([a.box, a.clicks]) === JSON.stringify([b.box, b.clicks]);
}
