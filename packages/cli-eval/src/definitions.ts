import type { ScoreRules } from "./options.ts";

export interface Definition {
  readonly term: string;
  readonly meaning: string;
}

/** What every number of the tables and of the report means, for the rules in force. */
export function definitions({ tolerance, spacing, timeLimit }: ScoreRules): Definition[] {
  return [
    {
      term: "DSC",
      meaning:
        "Dice similarity coefficient of one object, 2 |truth and prediction| / (|truth| + |prediction|), from 0 to 1. " +
        "A case's DSC is the mean over the labels in its truth.",
    },
    {
      term: "NSD",
      meaning:
        `Normalized surface Dice (surface DSC): the part of both surfaces that lies within ${tolerance} mm of the other one, ` +
        "from 0 to 1. A case's NSD is the mean over its labels; it counts as 0 while the case's DSC is 0.2 or less.",
    },
    {
      term: "Spacing",
      meaning:
        spacing === "challenge"
          ? "Distances use the rule of the official evaluator: the spacing stored as (x, y, z) is applied to the axes (z, y, x) " +
            "without being turned. For anisotropic voxels that is not the physical size; --spacing physical is."
          : "Distances use the physical voxel size in mm. The official evaluator does not (--spacing challenge), so NSD differs from its values.",
    },
    {
      term: "Interactions",
      meaning:
        "Six predictions per case: after the box, then after each of five clicks, every one placed in the largest error that is left. " +
        "A case without a box starts with click 1.",
    },
    {
      term: "AUC",
      meaning:
        "Area under the curve of DSC or NSD over the five clicks (trapezoid, step 1; the box is not part of it): " +
        "(c1 + c5) / 2 + c2 + c3 + c4, from 0 to 4.",
    },
    { term: "Final", meaning: "The value after the fifth click, from 0 to 1." },
    {
      term: "NoC@80, @85, @90",
      meaning:
        "Clicks needed until the DSC of an object reaches 0.80, 0.85, 0.90, mean over objects. The box needs 0; " +
        "an object that never gets there counts as 6, one more than was tried.",
    },
    {
      term: "Time limit",
      meaning: `A case that took more than ${timeLimit} s per label in all scores 0 everywhere, as in the challenge's final test.`,
    },
    {
      term: "[low, high]",
      meaning:
        "95 % interval of the mean: 2.5 and 97.5 percentiles of 2000 bootstrap resamplings of the cases; " +
        "1.96 standard errors to each side where there are more than 10,000.",
    },
  ];
}
