import { gzipSync } from "node:zlib";
import { clientArrays } from "./clientArrays.ts";
import { type RawReply, rawRequest, sendRaw } from "./rawRequest.ts";
import { type TestServer, testServer } from "./testServer.ts";

/** One request of each kind, as a client would send it; ids and leases are of sessions that are there. */
async function requestsOf({ port }: TestServer): Promise<Buffer[]> {
  const bodyOf = async (line: string, headers: readonly string[] = [], body?: Buffer | string) =>
    JSON.parse((await sendRaw(port, rawRequest(line, headers, body)))!.body.toString());
  const { lease_token: lease } = await bodyOf("POST /claim", [], "");
  const { session_id: snap } = await bodyOf("GET /start_session");
  const token = [`X-Lease-Token: ${lease}`];
  const form = "Content-Type: multipart/form-data; boundary=b0";
  const part = (name: string, value: string | Buffer, file = "") =>
    Buffer.concat([
      Buffer.from(`--b0\r\nContent-Disposition: form-data; name="${name}"${file && `; filename="${file}"`}\r\n\r\n`),
      Buffer.from(value as Buffer),
      Buffer.from("\r\n"),
    ]);
  const end = Buffer.from("--b0--\r\n");
  const ones = new Float32Array(64).map((_, i) => i);
  const place = {
    spacing: [1, 1, 1],
    origin: [0, 0, 0],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    dimensions: [4, 4, 4],
  };
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4, 4), }".padEnd(117);
  const npy = Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
    Buffer.from(`${header}\n`),
    Buffer.from(ones.buffer),
  ]);
  const infer = { foreground: [[1, 2, 3]], background: [], roi: [0, 3, 3, 1, 0, 2] };
  return [
    rawRequest(
      "POST /set_image",
      [...token, 'X-Meta: {"image_properties":{"spacing":[3.0,0.5,0.5]}}'],
      Buffer.from(clientArrays.ramp, "hex"),
    ),
    rawRequest("POST /set_image", token, Buffer.from(clientArrays.steps, "hex")),
    rawRequest("POST /set_target_buffer", token, '{"shape":[4,8,8],"dtype":"uint8"}'),
    rawRequest(
      "POST /add_point_interaction",
      token,
      '{"coordinates":[2,3,3],"include_interaction":true,"run_prediction":true}',
    ),
    rawRequest("POST /add_bbox_interaction", token, '{"bbox_coords":[[0,3],[1,3],[2,3]],"include_interaction":true}'),
    rawRequest(
      "POST /add_initial_seg_interaction",
      [...token, 'X-Meta: {"run_prediction":false}'],
      Buffer.from(clientArrays.oneSlice, "hex"),
    ),
    rawRequest("POST /undo", token, "{}"),
    rawRequest("PUT /session/", [form], Buffer.concat([part("files", gzipSync(Buffer.alloc(400)), "a.nii.gz"), end])),
    rawRequest(
      "POST /infer/ensam?image=x&session_id=s1",
      [form],
      Buffer.concat([part("params", JSON.stringify(infer)), end]),
    ),
    rawRequest(
      `POST /upload_raw/${snap}?filename=upload.nii.gz`,
      [form],
      Buffer.concat([
        part("file", gzipSync(Buffer.from(ones.buffer)), "image.gz"),
        part("metadata", JSON.stringify(place)),
        end,
      ]),
    ),
    rawRequest(`GET /v2/process_point_interaction/${snap}?point=1&point=2&point=3&foreground=true`),
    rawRequest("POST /upload_image", [form], Buffer.concat([part("file", npy, "volume.npy"), end])),
    rawRequest("POST /upload_segment", [form], Buffer.concat([part("file", gzipSync(npy), "segment.npy.gz"), end])),
    rawRequest(
      "POST /add_bbox_interaction",
      [],
      '{"outer_point_one":[0,1,2],"outer_point_two":[2,1,3],"positive_click":true}',
    ),
  ];
}

/** A small generator (mulberry32), so that a seed says everything. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One to three changes: bytes, numbers in text, pieces cut out or doubled. The body's length is stated right again, mostly. */
function mutated(request: Buffer, draw: () => number): Buffer {
  const split = request.indexOf("\r\n\r\n") + 4;
  let head = request.toString("latin1", 0, split);
  let body: Buffer = Buffer.from(request.subarray(split));
  const pick = (below: number) => Math.floor(draw() * below);
  for (let changes = 1 + pick(3); changes > 0; changes--) {
    if (body.length === 0 || draw() < 0.15) {
      const at = pick(head.length - 4);
      head = head.slice(0, at) + String.fromCharCode(pick(256)) + head.slice(at + 1);
      continue;
    }
    const at = pick(body.length);
    switch (pick(5)) {
      case 0:
        body[at] = pick(256);
        break;
      case 1:
        body = body.subarray(0, at);
        break;
      case 2:
        body = Buffer.concat([body.subarray(0, at), body.subarray(Math.min(body.length, at + 1 + pick(9)))]);
        break;
      case 3:
        body = Buffer.concat([body.subarray(0, at), body.subarray(pick(at + 1))]);
        break;
      default: {
        const values = ["-1", "1e99", "null", "[]", "99999999999", "0.5", "true", '"'];
        const text = body.toString("latin1");
        const from = Math.max(0, text.slice(at).search(/\d/)) + at;
        body = Buffer.from(text.slice(0, from) + values[pick(values.length)] + text.slice(from + 1), "latin1");
      }
    }
  }
  if (draw() < 0.95) head = head.replace(/Content-Length: \d+/, `Content-Length: ${body.length}`);
  else body = body.subarray(0, pick(body.length + 1));
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}

export interface MutationTally {
  /** Replies by status; 0 stands for none, where the request ended too early or was no HTTP. */
  readonly statuses: Readonly<Record<number, number>>;
  /** What should not have been: 5xx replies other than "all places are taken". */
  readonly wrong: readonly string[];
  readonly mostSessions: number;
  /** Bytes of memory after a tenth of the requests, and at the end. */
  readonly memory: readonly [number, number];
}

/** Sends so many mutated requests, one after the other. A request that is not whole is given up after a while. */
export async function sendMutations(count: number, seed: number): Promise<MutationTally> {
  const server = await testServer(["nninteractive", "monailabel", "itksnap", "slicer0"], {
    imageBytes: 2 ** 16,
    requestMilliseconds: 1000,
  });
  const draw = random(seed);
  const statuses: Record<number, number> = {};
  const wrong: string[] = [];
  let mostSessions = 0;
  let early = 0;
  const memory = () => {
    globalThis.gc?.();
    const { rss } = process.memoryUsage();
    return rss;
  };
  try {
    let requests = await requestsOf(server);
    for (let i = 0; i < count; i++) {
      // A release or another image may have ended what they talk about.
      if (i % 100 === 99) {
        server.slots.close();
        requests = await requestsOf(server);
      }
      if (i === Math.floor(count / 10)) early = memory();
      const original = requests[Math.floor(draw() * requests.length)]!;
      const request = mutated(original, draw);
      let reply: RawReply | undefined;
      try {
        reply = await sendRaw(server.port, request, 300);
      } catch {
        reply = undefined;
      }
      const status = reply?.status ?? 0;
      statuses[status] = (statuses[status] ?? 0) + 1;
      mostSessions = Math.max(mostSessions, server.slots.taken);
      if (status >= 500 && status !== 503)
        wrong.push(`${i}: ${status} ${reply!.body} for ${request.toString("latin1").slice(0, 400)}`);
    }
    const after = await sendRaw(server.port, rawRequest("GET /status"));
    if (after?.status !== 200) wrong.push(`the server answers ${after?.status} at the end`);
    return { statuses, wrong, mostSessions, memory: [early, memory()] };
  } finally {
    await server.close();
  }
}
