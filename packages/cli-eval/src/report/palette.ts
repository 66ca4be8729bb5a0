/** Line colours of models, readable on white and on near-black; more models than colours start over. */
const modelColours = ["#2f81f7", "#e5803a", "#2da44e", "#d6409f", "#8b6cf6", "#8a8f98"];

export function modelColour(index: number): string {
  return modelColours[index % modelColours.length]!;
}

/**
 * Colours on the pictures, which are always grey. No two marks share one, and lines, dashes and areas differ in form
 * too.
 */
export const pictureColours = {
  truth: "#ffd33d",
  prediction: "#4aa8ff",
  box: "#ffffff",
  missed: "#b57bff",
  extra: "#ff4d6d",
  foreground: "#1fbf5c",
  background: "#e5383b",
};
