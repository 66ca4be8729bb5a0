import { mean } from "./mean.ts";

/**
 * How many clicks a case takes to reach a Dice score (NoC, "number of clicks"), or undefined where five are not enough.
 * 0 where the box alone does.
 *
 * @param dsc     six scores: after the box and after each of five clicks
 * @param target  such as 0.8, 0.85, 0.9
 */
export function clicksNeeded(dsc: readonly number[], target: number): number | undefined {
  const clicks = dsc.findIndex((value) => value >= target);
  return clicks < 0 ? undefined : clicks;
}

/** The mean over cases of {@link clicksNeeded}; a case that does not get there counts one click more than it had. */
export function meanClicksNeeded(cases: readonly (readonly number[])[], target: number): number {
  return mean(cases.map((dsc) => clicksNeeded(dsc, target) ?? dsc.length));
}
