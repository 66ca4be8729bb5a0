import { type Optimizer, optimizer } from "../optim/index.ts";
import type { TrainingSettings } from "./settings.ts";

/** The optimizer that the settings ask for; it holds nothing, its state is part of the training state. */
export function optimizerOf(settings: Pick<TrainingSettings, "optimizer" | "groups" | "weightDecay">): Optimizer {
  const grouping = settings.optimizer === "adamw" ? "adamw" : settings.groups;
  return optimizer({ grouping, weightDecay: settings.weightDecay });
}
