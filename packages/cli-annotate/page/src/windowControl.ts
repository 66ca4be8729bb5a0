import type { App } from "./app.ts";
import { numberWords } from "./numberWords.ts";
import { element, make } from "./panel.ts";

/** The window that the picture is shown in: presets, sliders, and whoever else sets it. */
export interface WindowControl {
  set(low: number, high: number): void;
  get(): { low: number; high: number };
  /** The preset behind the one that was chosen last. */
  next(): void;
  /** For another image: its presets, the first one chosen. */
  begin(): void;
}

/** Steps of the sliders over the image's range. */
const sliderSteps = 1000;

export function openWindowControl({ state, viewer, say }: App): WindowControl {
  let window = { low: 0, high: 1 };
  let preset = 0;

  function set(low: number, high: number): void {
    window = { low, high };
    viewer.setWindow(low, high);
    showWindow();
  }

  function showWindow(): void {
    const [least, most] = state.image.range;
    const span = most - least || 1;
    const level = (window.low + window.high) / 2;
    const width = window.high - window.low;
    element<HTMLInputElement>("level").value = String(Math.round(((level - least) / span) * sliderSteps));
    element<HTMLInputElement>("width").value = String(Math.round(Math.sqrt(width / span) * sliderSteps));
    element("levelValue").textContent = numberWords(level);
    element("widthValue").textContent = numberWords(width);
  }

  function choosePreset(index: number): void {
    preset = index;
    const { low, high, name } = state.image.windows[index]!;
    set(low, high);
    element<HTMLSelectElement>("preset").value = String(index);
    say(`window: ${name}, ${numberWords(low)} to ${numberWords(high)}`);
  }

  function fromSliders(): void {
    const [least, most] = state.image.range;
    const span = most - least || 1;
    const level = least + (Number(element<HTMLInputElement>("level").value) / sliderSteps) * span;
    const width = Math.max((Number(element<HTMLInputElement>("width").value) / sliderSteps) ** 2, 1e-4) * span;
    set(level - width / 2, level + width / 2);
  }

  for (const id of ["level", "width"]) {
    Object.assign(element(id), { min: "0", max: String(sliderSteps) });
    element(id).addEventListener("input", fromSliders);
  }
  element<HTMLSelectElement>("preset").addEventListener("change", (event) =>
    choosePreset(Number((event.target as HTMLSelectElement).value)),
  );

  return {
    set,
    get: () => window,
    next: () => choosePreset((preset + 1) % state.image.windows.length),
    begin() {
      const { windows } = state.image;
      element("preset").replaceChildren(...windows.map(({ name }, i) => make("option", { value: String(i) }, name)));
      preset = 0;
      window = windows[0]!;
      showWindow();
    },
  };
}
