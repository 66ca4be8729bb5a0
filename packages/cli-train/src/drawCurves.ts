import type { Context } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import type { RunFolder } from "@ensam/core/runs";
import { curvesSpec, renderSvg } from "./curves.ts";
import type { RunLog } from "./runLog.ts";

/** Draws the run's curves.svg anew. A picture that cannot be drawn costs a note, never the run. */
export async function drawCurves(context: Context<object>, folder: RunFolder, log: RunLog): Promise<void> {
  if (log.steps.length === 0) return;
  try {
    const svg = await renderSvg(curvesSpec(folder.path, log.steps, log.validations));
    await writeFileAtomically(folder.curves, Buffer.from(svg));
  } catch (error) {
    context.log.debug(`${folder.curves}: not drawn: ${error instanceof Error ? error.message : String(error)}`);
  }
}
