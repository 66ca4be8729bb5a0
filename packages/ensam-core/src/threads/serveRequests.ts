import { parentPort, type Transferable } from "node:worker_threads";

/** What a thread sends back to a pool. */
export type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/**
 * The thread's side of a worker pool: answers its requests, one at a time; a rejection becomes its text.
 *
 * @param moved  what of an answer is moved to the pool's thread instead of copied
 */
export function serveRequests<Request, Answer>(
  handle: (request: Request) => Promise<Answer>,
  moved: (answer: Answer) => Transferable[] = () => [],
): void {
  parentPort?.on("message", async (request: Request) => {
    try {
      const answer = await handle(request);
      parentPort?.postMessage({ answer } satisfies Reply<Answer>, moved(answer));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ error: text } satisfies Reply<Answer>);
    }
  });
}
