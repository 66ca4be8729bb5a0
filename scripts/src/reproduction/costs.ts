/**
 * What the stages cost, measured (docs/measurements.md, docs/scale.md). Seconds are of two cores of an AMD EPYC (Zen 4
 * class); those of `index`, `clicks` and `scoring` are of one of them. They count a volume's millions of voxels
 * ("Mvox"). They are for the paper's model.
 */
export const costs = {
  /** Inflating a case and counting its labels. */
  index: 0.03,
  /** Rows of a million cases chosen from, seconds a row. */
  coresetRow: 30e-6,
  training: {
    /** One sample: box, five clicks, gradients, update; 5.43 s at 64³. */
    cpu: 20.7,
    /** 0.81 s at 4.19 Mvox on an NVIDIA H200; not below `gpuLeast` however small. */
    gpu: 0.193,
    gpuLeast: 0.31,
  },
  prediction: {
    /** Once for a volume: 0.311 s at 64³. */
    encoder: 1.19,
    /** Once for a volume, an object and an interaction: 0.208 s at 64³. */
    interaction: 0.79,
    /** Clicks of all objects, once an interaction: 0.36 s at 26.2 Mvox. */
    clicks: 0.014,
  },
  /** Dice and surface Dice of the objects, once an interaction: 0.24 s at 26.2 Mvox; inflating the prediction beside it. */
  scoring: 0.014,
  /** Bytes that stages write. */
  bytes: {
    row: 700,
    scoreRow: 1800,
    /** A voxel of a prediction: seven label maps, deflated; 72 real volumes of 12 datasets. */
    predictionVoxel: 0.07,
    /** Weights, average and optimizer of 5.5 million parameters, three times (last, previous, best), and the log. */
    run: 300e6,
    report: 10e6,
  },
} as const;

/** Largest volume the model sees (paper, table 2); larger ones are pooled. */
export const largestSample = 4_194_304;
/** Epochs of the paper. */
export const epochs = 15;
/** Interactions of a case: a box and five clicks. */
export const interactions = 6;
