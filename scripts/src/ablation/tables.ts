import type { Interval } from "@ensam/core/scoring";
import { markdownRows } from "../markdownRows.ts";
import { arms, questions } from "./arms.ts";
import { type Answer, answersOf, armScore, promptWays } from "./compareArms.ts";
import type { Ablation, Run } from "./readRuns.ts";

/** Which seeds of each arm are trained and scored, and which are not, in words. */
export function doneWords(runs: readonly Run[]): string {
  const seedsOf = (arm: string, isDone: (run: Run) => boolean) =>
    runs.flatMap((run) => (run.arm === arm && isDone(run) ? [String(run.seed)] : [])).join(", ") || "none";
  const rows = arms
    .filter(({ name }) => name !== "exclusive")
    .map(({ name, words }) => {
      const open = runs
        .filter((run) => run.arm === name && !run.isTrained)
        .map((run) => `${run.seed} (step ${run.steps})`);
      return [name, words, seedsOf(name, (run) => run.isScored), open.join(", ") || "-"];
    });
  return markdownRows(["arm", "what it is", "seeds scored", "begun"], rows);
}

/** What each arm reached: means over test cases with 95 % intervals. */
export function armTable({ scores }: Ablation): string {
  const rows = arms.flatMap(({ name }) => {
    const cells = promptWays.map((prompts) => armScore(scores, name, prompts));
    if (cells.every((cell) => cell === undefined)) return [];
    const [box, clicks] = cells;
    const small = cells.map((cell) => (cell && cell.small.objects > 0 ? cell.small.dsc.toFixed(3) : "-"));
    return [
      [
        name,
        String(box?.seeds.length ?? clicks?.seeds.length),
        ...[box, clicks].flatMap((cell) => (cell ? [interval(cell.dscAuc), interval(cell.dscFinal)] : ["-", "-"])),
        small.join(", "),
      ],
    ];
  });
  const head = ["arm", "seeds", "box: AUC", "box: final", "clicks alone: AUC", "clicks alone: final", "small objects"];
  return rows.length === 0 ? "No run is scored yet.\n" : markdownRows(head, rows);
}

/** The answers, each with how it was reached. */
export function answerTable(ablation: Ablation): string {
  const answers = answersOf(questions, ablation.scores, ablation.cases);
  if (answers.length === 0) return "No two arms are scored yet.\n";
  const head = [
    "first arm for second",
    "prompts",
    "cases",
    "difference in DSC AUC (95 %)",
    "by seed",
    "p",
    "p (Holm)",
    "so",
  ];
  return markdownRows(head, answers.map(answerCells));
}

function answerCells(answer: Answer): string[] {
  const { question, prompts, cases, seeds, difference, bySeed, p, corrected, verdict } = answer;
  const few = seeds.length === 1 ? " (one seed)" : "";
  return [
    question.words,
    prompts === "box" ? "box" : "clicks alone",
    question.cases === "all" ? String(cases) : `${cases} ${question.cases}`,
    interval(difference, true),
    bySeed.map((value) => signed(value)).join(", "),
    probability(p),
    probability(corrected),
    verdict === "no difference" ? verdict + few : `**${verdict}**${few}`,
  ];
}

function interval({ mean, low, high }: Interval, hasSign = false): string {
  const said = (value: number) => (hasSign ? signed(value) : value.toFixed(3));
  return `${said(mean)} (${said(low)} to ${said(high)})`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
