import { pictureColours } from "./palette.ts";

/** Returns what the marks on the pictures mean, as HTML. */
export function legendHtml(): string {
  const { truth, prediction, box, missed, extra, foreground, background } = pictureColours;
  const swatch = (colour: string, kind: string) => `<span class="${kind}" style="--c:${colour}"></span>`;
  return `<ul class="key">
<li>${swatch(truth, "line")}outline of the truth</li>
<li>${swatch(prediction, "line fine")}outline of the prediction</li>
<li>${swatch(box, "dashes")}prompt box (pale on slices outside of it)</li>
<li>${swatch(foreground, "dot")}foreground click</li>
<li>${swatch(background, "dot")}background click</li>
<li>${swatch(foreground, "ring")}click on another slice</li>
<li>${swatch(missed, "swatch fill")}error: missed</li>
<li>${swatch(extra, "swatch fill")}error: too much</li>
</ul>
<p class="note">One object of each case, on the slices where its truth is largest (counted from 1). Where the file's orientation is known, slices lie as
radiologists look at them: head or front up, the patient's right at the left; else they stay in the order of the file. DSC is that object's, in 3D. Bars
give the scale, in voxels where no voxel size is known.</p>`;
}
