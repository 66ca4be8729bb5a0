/**
 * The area under a score over the five clicks, by trapezoids of width 1; between 0 and 4. The box, which comes first,
 * takes no part. Added in the order of the evaluator's cumulative sum, so that the last bit agrees.
 *
 * @param values  six scores: after the box and after each click
 */
export function clickAuc(values: readonly number[]): number {
  if (values.length !== 6) throw new Error(`clickAuc: expected 6 scores, got ${values.length}`);
  const [, d1, d2, d3, d4, d5] = values as [number, number, number, number, number, number];
  return (d2 + d1) / 2 + (d3 + d2) / 2 + (d4 + d3) / 2 + (d5 + d4) / 2;
}
