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
