import { type JobRow, shellWord } from "@ensam/core/command";

export interface ReproductionJobs {
  /** Folder of the reproduction. */
  readonly folder: string;
  readonly shards: number;
  /** Variables given to make, as `NAME=VALUE`. */
  readonly variables: readonly string[];
  /** Options of sbatch for single stages. */
  readonly sbatch: { readonly train: readonly string[]; readonly simulate: readonly string[] };
}

/** Returns the stages as jobs. Targets that several tasks need are made by a job before them, so no two tasks write one file. */
export function reproductionJobs({ folder, shards, variables, sbatch }: ReproductionJobs): JobRow[] {
  const rest = variables.filter((text) => !/^(SHARDS|SBATCH\w*|DRY_RUN)=/.test(text));
  const make = (...targets: string[]) =>
    ["make", "-o", "node_modules/.built", ...targets, `SHARDS=${shards}`, ...rest].map(shellWord).join(" ");
  const part = (stage: string) => make(`${folder}/parts/${stage}-{rank}-of-${shards}.ndjson`);
  const with_ = (options: readonly string[]) => (options.length === 0 ? {} : { sbatch: [...options] });
  const type = "job" as const;
  return [
    { type, job: "index-train", shards, command: part("train") },
    { type, job: "index-validation", shards, command: part("validation") },
    {
      type,
      job: "coreset",
      after: ["index-train", "index-validation"],
      command: make(`${folder}/coreset.ndjson`, `${folder}/validation.ndjson`),
    },
    { type, job: "train", after: ["coreset"], command: make(`${folder}/run/.trained`), ...with_(sbatch.train) },
    { type, job: "simulate", after: ["train"], shards, command: part("predictions"), ...with_(sbatch.simulate) },
    { type, job: "eval", after: ["simulate"], pairwise: true, shards, command: part("scores") },
    { type, job: "report", after: ["eval"], command: make(`${folder}/scores.ndjson`) },
  ];
}
