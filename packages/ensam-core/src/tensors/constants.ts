// Numbers of the network and its loss that kernels on every device share; AssemblyScript compiles this file too.

/** Added to the variance in instance and layer normalisation, as PyTorch does by default. */
export const normEpsilon = 1e-5;

/** Least length that a vector is divided by (nGPT, ENSAM §2.2.2), and the summand in the channel RMS norm. */
export const unitEpsilon = 1e-6;

/** Added to both sides of the Dice fraction, so that two empty masks agree (ENSAM §2.4, eq. 4). */
export const diceEpsilon = 1e-5;

/** Weight of the cross-entropy beside Dice (ENSAM §2.4, eq. 4). */
export const crossEntropyWeight = 2.0;
