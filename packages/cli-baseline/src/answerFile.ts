import { readChallengeCase, readNpz, writeChallengeCase } from "@ensam/core/files";
import { answerCase, type Method } from "./answerCase.ts";

/** Reads prompts from one file of the challenge and writes the answer to another. */
export async function answerFile(input: string, output: string, method: string, beta: number): Promise<void> {
  const archive = await readNpz(input);
  const keys = (["imgs", "spacing", "boxes", "clicks"] as const).filter((key) => archive.has(key));
  const content = await readChallengeCase(input, keys);
  await writeChallengeCase(output, { segs: answerCase(input, content, method as Method, beta) });
}
