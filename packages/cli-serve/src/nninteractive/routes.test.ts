import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { protocolsOf } from "../protocols.ts";
import { serveViewers } from "../server.ts";
import { openSlots } from "../slots.ts";
import { clientArrays } from "../testing/clientArrays.ts";
import { rawRequest, sendRaw } from "../testing/rawRequest.ts";
import { type TestServer, testServer } from "../testing/testServer.ts";
import { decodeWireArray, encodeWireArray } from "./wireArray.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer(["nninteractive"], { sessions: 2 });
});
afterAll(() => server.close());

/** Lines that httpx adds to every request. */
const httpx = [
  "Accept: */*",
  "Accept-Encoding: gzip, deflate",
  "Connection: keep-alive",
  "User-Agent: python-httpx/0.28.1",
];
const binary = "Content-Type: application/octet-stream";
const shape = [16, 20, 24] as const;
const image = encodeWireArray({
  dtype: "uint8",
  shape: [1, ...shape],
  bytes: Uint8Array.from({ length: 7680 }, (_, i) => (i * 31 + (i % 24) * 9) % 256),
});

async function post(path: string, token?: string, body: Buffer | string = "", headers: readonly string[] = []) {
  const lease = token === undefined ? [] : [`X-Lease-Token: ${token}`];
  const reply = (await sendRaw(server.port, rawRequest(`POST ${path}`, [...httpx, ...lease, ...headers], body)))!;
  const bytes = reply.headers["content-encoding"] === "gzip" ? gunzipSync(reply.body) : reply.body;
  return { ...reply, bytes, json: () => JSON.parse(bytes.toString()) as Record<string, unknown> };
}
const get = (path: string, headers: readonly string[] = []) =>
  sendRaw(server.port, rawRequest(`GET ${path}`, [...httpx, ...headers]));

async function claim(): Promise<string> {
  return String((await post("/claim")).json().lease_token);
}

/** What the client keeps: its own mask, changed only where replies say so. */
function clientMask() {
  const mask = new Uint8Array(7680);
  return {
    mask,
    take({ status, headers, bytes }: Awaited<ReturnType<typeof post>>) {
      expect({ status, detail: status === 200 ? "" : bytes.toString() }).toEqual({ status: 200, detail: "" });
      const meta = JSON.parse(headers["x-meta"]!) as { ran_prediction: boolean; bbox: [number, number][] | null };
      if (meta.bbox === null) {
        expect(bytes.length).toBe(0);
        return meta;
      }
      const array = decodeWireArray(bytes, 2 ** 20);
      const [[z0, z1], [y0, y1], [x0, x1]] = meta.bbox as [[number, number], [number, number], [number, number]];
      expect(array.shape).toEqual([z1 - z0, y1 - y0, x1 - x0]);
      let i = 0;
      for (let z = z0; z < z1; z++)
        for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) mask[(z * 20 + y) * 24 + x] = array.bytes[i++]!;
      return meta;
    },
  };
}

const flags = { run_prediction: true, override_capability_checks: false };
const point = (coordinates: readonly number[], include_interaction = true, more = {}) =>
  JSON.stringify({ coordinates, include_interaction, ...flags, ...more });

async function withImage(): Promise<string> {
  const token = await claim();
  const meta = 'X-Meta: {"image_properties":{"spacing":[3.0,0.5,0.5]}}';
  const reply = await post("/set_image", token, image, [binary, meta]);
  expect(reply.json()).toEqual({ original_image_shape: [1, 16, 20, 24] });
  expect((await post("/set_target_buffer", token, JSON.stringify({ shape, dtype: "uint8" }))).json()).toEqual({});
  return token;
}

test("a client's first requests: health, claim, what is supported; replies have their length", async () => {
  const health = (await get("/healthz"))!;
  expect(health.headers).toMatchObject({ "content-length": "11" });
  expect(health.headers["transfer-encoding"]).toBeUndefined();
  const token = await claim();
  const told = JSON.parse((await get("/capabilities", [`X-Lease-Token: ${token}`]))!.body.toString());
  for (const key of [
    ...["supported_interactions", "channel_mapping", "num_interaction_channels", "supports_initial_label"],
    ...["supports_zero_shot_label_refinement", "preferred_scribble_thickness", "interaction_decay"],
    "inference_session_version",
  ])
    expect(told).toHaveProperty(key);
  expect(told.supported_interactions).toEqual({
    points: true,
    bbox2d: true,
    bbox3d: true,
    scribble: false,
    lasso: false,
  });
  expect((await post("/heartbeat", token)).json().remaining_seconds).toBeGreaterThan(599);
  expect((await post("/release", token)).json()).toEqual({ released: true });
  expect((await post("/release", token)).json()).toEqual({ released: true });
});

test("claims beyond the limit are 503 with a time; a lease that is over is 410", async () => {
  const [first, second] = [await claim(), await claim()];
  const third = await post("/claim");
  expect(third.status).toBe(503);
  expect(third.headers["retry-after"]).toBe("10");
  expect(String(third.json().detail)).toContain("at most 2");
  await post("/release", first);
  expect((await post("/undo", first, "{}")).status).toBe(410);
  expect((await post("/undo", undefined, "{}")).status).toBe(410);
  expect((await post("/heartbeat", second)).status).toBe(200);
  await post("/release", second);
  expect(server.slots.taken).toBe(0);
});

test("the client's arrays are taken as images", async () => {
  const token = await claim();
  for (const [name, expected] of [
    ["steps", [1, 4, 8, 8]],
    ["ramp", [1, 4, 4, 4]],
  ] as const) {
    const reply = await post("/set_image", token, Buffer.from(clientArrays[name], "hex"), [binary]);
    expect(reply.json()).toEqual({ original_image_shape: expected });
  }
  const flat = await post("/set_image", token, Buffer.from(clientArrays.oneSlice, "hex"), [binary]);
  expect(flat).toMatchObject({ status: 400 });
  expect(flat.json().detail).toBe("image: expected the shape [1, a, b, c], got [3,4,5]");
  await post("/release", token);
});

test("the client's mask equals the server's over clicks, boxes, undo and a start mask: every change is in a reply", async () => {
  const token = await withImage();
  const client = clientMask();
  const undone: Uint8Array[] = [];
  const steps: [string, string][] = [
    ["/add_point_interaction", point([8, 10, 12])],
    ["/add_point_interaction", point([8, 12, 12], false)],
    [
      "/add_bbox_interaction",
      JSON.stringify({
        bbox_coords: [
          [4, 9],
          [5, 11],
          [6, 7],
        ],
        include_interaction: true,
        ...flags,
      }),
    ],
    ["/add_point_interaction", point([2, 3, 20])],
  ];
  for (const [path, body] of steps) {
    undone.push(client.mask.slice());
    expect(client.take(await post(path, token, body)).ran_prediction).toBe(true);
    expect(client.mask).not.toEqual(undone.at(-1));
  }
  for (const before of undone.reverse()) {
    expect(client.take(await post("/undo", token, "{}")).ran_prediction).toBe(true);
    expect(client.mask).toEqual(before);
  }
  expect(client.take(await post("/undo", token, "{}"))).toEqual({ ran_prediction: false, bbox: null });

  // A prompt that waits is answered with the next.
  const waits = await post("/add_point_interaction", token, point([8, 10, 12], true, { run_prediction: false }));
  expect(client.take(waits).ran_prediction).toBe(false);
  client.take(await post("/add_point_interaction", token, point([8, 12, 12], false)));
  const both = client.mask.slice();
  expect((await post("/reset_interactions", token, "{}")).json()).toEqual({});
  client.mask.fill(0);
  client.take(await post("/add_point_interaction", token, point([8, 10, 12])));
  client.take(await post("/add_point_interaction", token, point([8, 12, 12], false)));
  expect(client.mask).toEqual(both);

  // Whether or not the client shows the start mask, the next prediction makes its mask right.
  await post("/reset_interactions", token, "{}");
  client.mask.fill(0);
  client.take(await post("/add_point_interaction", token, point([8, 10, 12])));
  const start = client.mask.slice();
  await post("/reset_interactions", token, "{}");
  client.mask.fill(0);
  const body = encodeWireArray({ dtype: "uint8", shape, bytes: start });
  const meta = 'X-Meta: {"run_prediction":false,"override_capability_checks":false}';
  expect(client.take(await post("/add_initial_seg_interaction", token, body, [binary, meta])).ran_prediction).toBe(
    false,
  );
  const shows = clientMask();
  shows.mask.set(start);
  client.take(await post("/add_point_interaction", token, point([8, 10, 12], true, { run_prediction: false })));
  client.take(await post("/undo", token, "{}"));
  expect(client.mask).toEqual(start);
  const next = await post("/add_point_interaction", token, point([8, 10, 12]));
  client.take(next);
  shows.take(next);
  expect(shows.mask).toEqual(client.mask);
  await post("/release", token);
});

test("prompts that cannot be are 400 with words, and the session lives on", async () => {
  const token = await withImage();
  const refused = async (path: string, body: string) => {
    const reply = await post(path, token, body);
    return `${reply.status} ${reply.json().detail}`;
  };
  expect(await refused("/add_point_interaction", point([16, 0, 0]))).toBe(
    "400 click: expected a voxel (z, y, x) of [16,20,24], got [16,0,0]",
  );
  expect(await refused("/add_point_interaction", point([1.5, 0, 0]))).toMatch(/^400 coordinates: expected three whole/);
  expect(await refused("/add_point_interaction", "[")).toMatch(/^400 body: expected JSON/);
  expect(await refused("/add_scribble_interaction", "")).toMatch(
    /^400 add_scribble_interaction: expected points and boxes/,
  );
  expect(
    await refused(
      "/add_bbox_interaction",
      JSON.stringify({
        bbox_coords: [
          [0, 5],
          [0, 5],
          [0, 5],
        ],
        include_interaction: false,
      }),
    ),
  ).toMatch(/^400 box: expected one around/);
  expect(await refused("/set_target_buffer", JSON.stringify({ shape: [1, 2, 3], dtype: "uint8" }))).toMatch(
    /^400 shape/,
  );
  expect(await refused("/set_target_buffer", JSON.stringify({ shape, dtype: "float32" }))).toMatch(/^400 dtype/);
  const big = Buffer.from(image);
  big.writeBigInt64LE(2n ** 20n, 13);
  expect((await post("/set_image", token, big, [binary])).status).toBe(413);
  expect((await post("/add_point_interaction", token, point([8, 10, 12]))).status).toBe(200);
  await post("/release", token);
});

test("a new buffer is told the whole mask with the next answer", async () => {
  const token = await withImage();
  const [old, fresh] = [clientMask(), clientMask()];
  old.take(await post("/add_point_interaction", token, point([8, 10, 12])));
  await post("/set_target_buffer", token, JSON.stringify({ shape, dtype: "uint8" }));
  await post("/add_point_interaction", token, point([8, 12, 12], false, { run_prediction: false }));
  const next = await post("/undo", token, "{}");
  fresh.take(next);
  expect(fresh.mask).toEqual(old.mask);
  await post("/release", token);
});

test("buffers of wider types are answered in their type", async () => {
  const token = await withImage();
  await post("/set_target_buffer", token, JSON.stringify({ shape, dtype: "int16" }));
  const { bytes, headers } = await post("/add_point_interaction", token, point([8, 10, 12]));
  expect(JSON.parse(headers["x-meta"]!).dtype).toBe("int16");
  const array = decodeWireArray(bytes, 2 ** 20);
  expect(array.dtype).toBe("int16");
  expect(array.bytes.filter((value, i) => i % 2 === 1 && value !== 0)).toEqual(new Uint8Array(0));
  await post("/release", token);
});

test("requests of one session are answered in order, two sessions do not mix, heartbeats come in between", async () => {
  const [a, b] = [await withImage(), await withImage()];
  const order: string[] = [];
  const noted = <Value>(name: string, work: Promise<Value>) => work.finally(() => order.push(name));
  const clicks = [
    noted("a1", post("/add_point_interaction", a, point([8, 10, 12]))),
    noted("a2", post("/add_point_interaction", a, point([8, 12, 12], false))),
    noted("a3", post("/add_point_interaction", a, point([3, 3, 3]))),
    noted("b1", post("/add_point_interaction", b, point([8, 10, 12]))),
  ];
  await noted("alive", post("/heartbeat", a));
  const [a1, , , b1] = await Promise.all(clicks);
  expect(order.indexOf("alive")).toBeLessThan(order.indexOf("a3"));
  expect(order.filter((name) => name.startsWith("a") && name !== "alive")).toEqual(["a1", "a2", "a3"]);
  expect(b1!.bytes).toEqual(a1!.bytes);
  await post("/release", a);
  await post("/release", b);
});

test("web pages and other hosts are refused before anything else", async () => {
  expect((await get("/healthz", ["Origin: http://evil.example"]))!.status).toBe(403);
  expect((await get("/healthz", ["Sec-Fetch-Site: cross-site"]))!.status).toBe(403);
  expect((await sendRaw(server.port, "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"))!.status).toBe(421);
  expect((await get("/nothing"))!.status).toBe(404);
});

test("with a key, all but the health check asks for it", async () => {
  const { thread } = server;
  const slots = openSlots(2, 600_000);
  const settings = { thread, slots, imageBytes: 2 ** 20, cropWithoutBox: 4, apiKey: "open sesame" };
  const protocols = protocolsOf(["nninteractive"], settings);
  const keyed = await serveViewers({ host: "127.0.0.1", port: 0, bodyBytes: 2 ** 20, protocols });
  try {
    const ask = async (line: string, headers: readonly string[] = []) =>
      (await sendRaw(keyed.port, rawRequest(line, [...httpx, ...headers], line.startsWith("POST") ? "" : undefined)))!
        .status;
    expect(await ask("GET /healthz")).toBe(200);
    expect(await ask("POST /claim")).toBe(401);
    expect(await ask("POST /claim", ["Authorization: Bearer open"])).toBe(401);
    expect(await ask("GET /capabilities")).toBe(401);
    expect(await ask("POST /claim", ["Authorization: Bearer open sesame"])).toBe(200);
  } finally {
    await keyed.close();
  }
});

test("a client that hangs up in the middle of an upload leaves nothing behind", async () => {
  const token = await claim();
  const whole = rawRequest("POST /set_image", [...httpx, binary, `X-Lease-Token: ${token}`], image);
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () =>
      socket.write(whole.subarray(0, 2000), () => socket.destroy()),
    );
    socket.on("close", () => resolve());
  });
  const again = await post("/set_image", token, image, [binary]);
  expect(again.status).toBe(200);
  await post("/release", token);
  expect(server.slots.taken).toBe(0);
});

test("a client that sends slowly holds nobody up", async () => {
  const [slow, other] = [await claim(), await withImage()];
  const whole = rawRequest("POST /set_image", [...httpx, binary, `X-Lease-Token: ${slow}`], image);
  const socket = connect(server.port, "127.0.0.1");
  const answered = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(chunk.toString("latin1"))));
  await new Promise((resolve) => socket.write(whole.subarray(0, 3000), resolve));
  expect((await post("/add_point_interaction", other, point([8, 10, 12]))).status).toBe(200);
  // In order: a click on the image that is still coming waits for it.
  const waits = post("/add_point_interaction", slow, point([8, 10, 12]));
  expect((await post("/heartbeat", slow)).status).toBe(200);
  socket.write(whole.subarray(3000));
  expect((await answered).slice(0, 15)).toBe("HTTP/1.1 200 OK");
  expect((await waits).status).toBe(200);
  socket.destroy();
  await post("/release", slow);
  await post("/release", other);
});
