/** How a device computes convolutions of 3³ at stride 1: `auto` chooses by the shape alone. */
export type ConvolutionChoice = "auto" | "direct" | "winograd";

export interface WinogradShape {
  /** Of the map: voxels along z, y and x. */
  readonly grid: readonly [number, number, number];
  readonly channels: number;
  readonly outputs: number;
}

/** Whether a convolution of 3³ at stride 1 goes by Winograd's points. A function of the shape, so that bits repeat. */
export function usesWinograd(choice: ConvolutionChoice, { channels, outputs }: WinogradShape): boolean {
  if (choice !== "auto") return choice === "winograd";
  return channels % 4 === 0 && outputs % 4 === 0;
}
