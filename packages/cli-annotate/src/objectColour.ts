/** Colours that stay apart from each other and from grey on a dark ground, also for most who see few colours. */
const colours = [
  "#f5a623",
  "#3fb8ff",
  "#7bd88f",
  "#ff6b81",
  "#c792ea",
  "#ffe066",
  "#4dd0c4",
  "#ff9e64",
  "#8fa8ff",
  "#d4e157",
];

/** The colour that an object gets by its label, until the user takes another. */
export function objectColour(label: number): string {
  return colours[(label - 1) % colours.length]!;
}
