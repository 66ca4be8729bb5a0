import { createRequire } from "node:module";
import type { Log } from "@ensam/core/command";
import { areChallengeCases } from "../challengeDatasets.ts";
import { definitions } from "../definitions.ts";
import type { Evaluation } from "../evaluation.ts";
import type { Score } from "../score.ts";
import { byModality, type Scores } from "../scores.ts";
import {
  comparisonTable,
  datasetTable,
  modalityTable,
  publishedTable,
  secondsTable,
  validationTable,
} from "../tables.ts";
import { curvesHtml } from "./curves.ts";
import { escapeHtml, htmlTable } from "./html.ts";
import { picturesHtml } from "./pictures.ts";
import { style } from "./style.ts";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/** Returns the whole report as one HTML file that fetches nothing. */
export async function reportPage(evaluation: Evaluation, log: Pick<Log, "warn">): Promise<string> {
  const { scores, summaries, comparisons, compared, picturable, seed, rules } = evaluation;
  const curves = scores.length === 0 ? "" : await curvesHtml(scores, seed);
  const pictures = await picturesHtml(picturable, log);
  const meanings = definitions(rules).map(
    ({ term, meaning }) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(meaning)}</dd>`,
  );
  const sections: Section[] = [
    { id: "results", title: "Results", body: htmlTable(modalityTable(scores, summaries)) },
    {
      id: "curves",
      title: "Click curves",
      body: `<p class="note">Mean over cases; the band is the 95 % bootstrap interval.</p>${curves}`,
    },
    ...(comparisons.length === 0
      ? []
      : [
          {
            id: "comparison",
            title: "Comparison",
            body: htmlTable(comparisonTable(comparisons, compared), { stacked: false }),
          },
        ]),
    { id: "published", title: "Published results", body: publishedHtml(evaluation) },
    { id: "datasets", title: "Datasets", body: htmlTable(datasetTable(scores)) },
    { id: "time", title: "Time", body: htmlTable(secondsTable(scores)) },
    {
      id: "pictures",
      title: "Pictures",
      body: pictures || '<p class="note">No pictures: the input held no prediction rows.</p>',
    },
    ...caseNotes(evaluation),
    { id: "meaning", title: "What the numbers mean", body: `<dl>${meanings.join("\n")}</dl>` },
    { id: "origin", title: "How this was made", body: originHtml(evaluation) },
  ];
  const links = sections.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`);
  const title = `Evaluation of ${[...scores.by("model").keys()].join(", ") || "nothing"}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body><main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(leadWords(evaluation))}</p>
<nav>${links.join("\n")}</nav>
${sections.map(({ id, title: heading, body }) => `<section id="${id}"><h2>${escapeHtml(heading)}</h2>\n${body}</section>`).join("\n")}
</main></body>
</html>
`;
}

/**
 * Published rows stand open only beside the challenge's own cases; elsewhere they would invite a comparison that means
 * nothing.
 */
function publishedHtml({ scores, summaries }: Evaluation): string {
  const table = htmlTable(validationTable(summaries)) + htmlTable(publishedTable(summaries));
  if (areChallengeCases([...scores.by("dataset").keys()])) return table;
  return `<details><summary>The challenge's published results, which are about other cases than these</summary>${table}</details>`;
}

function leadWords({ scores, failures, rules }: Evaluation): string {
  const cases = scores.oncePerCase();
  const count = cases.column("objects").reduce((sum, objects) => sum + objects, 0);
  const late = lateOf(scores).length;
  const modalities = byModality(scores)
    .map(([modality]) => modality)
    .join(", ");
  return (
    `${cases.length} cases with ${count} objects (${modalities}), each given a box (where it has one) and five simulated clicks. ` +
    `NSD at ${rules.tolerance} mm with ${rules.spacing === "challenge" ? "the challenge's spacing rule" : "physical spacing"}. ` +
    `${failures.length === 0 ? "Every case was scored" : `${failures.length} not scored`}; ` +
    `${late === 0 ? "none" : late} past the time limit of ${rules.timeLimit} s per object.`
  );
}

/** Cases that are not in the tables, or are there with 0. */
function caseNotes({ failures, scores }: Evaluation): Section[] {
  const late = lateOf(scores);
  if (failures.length + late.length === 0) return [];
  const items = [
    ...failures.map(({ case: name, stage, error }) => `${name}: not scored, failed in ${stage}: ${error}`),
    ...late.map((score) => {
      const total = score.seconds.reduce<number>((sum, value) => sum + (value ?? 0), 0);
      return `${score.case} by ${score.model}: ${total.toFixed(1)} s for ${score.objects} objects, past the limit, scored 0`;
    }),
  ];
  const body = `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n")}</ul>`;
  return [{ id: "left-out", title: "Failed and timed-out cases", body }];
}

function lateOf(scores: Scores): Score[] {
  const late: Score[] = [];
  for (const score of scores) if (score.timedOut) late.push(score);
  return late;
}

function originHtml({ command, seed }: Evaluation): string {
  const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
  const words = `ensam-eval ${version}, Node ${process.versions.node}, bootstrap seed ${seed}`;
  return `<pre><code>${escapeHtml(command)}</code></pre><p class="note">${escapeHtml(words)}</p>`;
}
