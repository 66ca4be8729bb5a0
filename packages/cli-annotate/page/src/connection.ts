import type { SessionEvent } from "@ensam/core/session";
import type { CaseState, EventAnswer, Refusal } from "../../src/protocol.ts";

export interface ReceivedAnswer extends EventAnswer {
  readonly labels: Uint8Array;
}

/** The server said no; the session is as before. */
export class RefusedError extends Error {}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`./${path}`, init);
  } catch {
    throw new Error("no answer from ensam-annotate: is it still running? Everything answered so far is in its log");
  }
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({ error: `status ${response.status}` }))) as Refusal;
  throw response.status < 500 ? new RefusedError(error) : new Error(error);
}

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/** The calls of the page to its server. */
export const server = {
  /** A coarse picture, sooner than the state, while a large image is still being opened. */
  async first(): Promise<ArrayBuffer | undefined> {
    const response = await ask("api/first.nii");
    return response.status === 204 ? undefined : response.arrayBuffer();
  },
  state: async (): Promise<CaseState> => (await ask("api/state")).json(),
  open: async (index: number): Promise<CaseState> => (await ask("api/open", post({ index }))).json(),
  image: async (): Promise<ArrayBuffer> => (await ask("api/image.nii")).arrayBuffer(),
  preview: async (): Promise<ArrayBuffer> => (await ask("api/preview.nii")).arrayBuffer(),
  labels: async (): Promise<Uint8Array> => new Uint8Array(await (await ask("api/labels")).arrayBuffer()),
  async event(event: SessionEvent): Promise<ReceivedAnswer> {
    const bytes = await (await ask("api/event", post(event))).arrayBuffer();
    const length = new DataView(bytes).getUint32(0, true);
    const answer = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as EventAnswer;
    return { ...answer, labels: new Uint8Array(bytes, 4 + length) };
  },
  start: async (file: File): Promise<CaseState> =>
    (await ask(`api/start?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file })).json(),
  exportAddress: (kind: string, format?: string) => `./api/export?kind=${kind}${format ? `&format=${format}` : ""}`,
};
