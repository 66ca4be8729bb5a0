import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../testing/rawRequest.ts";
import { type TestServer, testServer } from "../testing/testServer.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer(["itksnap"], { sessions: 2 });
});
afterAll(() => server.close());

const curl = ["Accept: */*"];
const voxels = Float32Array.from({ length: 7680 }, (_, i) => (i * 31 + (i % 24) * 9) % 256);
const metadata = {
  dimensions: [24, 20, 16],
  spacing: [1, 1, 3],
  origin: [0, 0, 0],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  components_per_pixel: 1,
  component_type: "float32",
};

async function ask(line: string, headers: readonly string[] = curl, body?: Buffer) {
  const reply = (await sendRaw(server.port, rawRequest(line, headers, body)))!;
  return { status: reply.status, text: reply.body.toString(), headers: reply.headers };
}
const json = async (line: string) => JSON.parse((await ask(line)).text);

/** As libcurl's mime interface writes it. */
function upload(id: string, meta: object = metadata, file = gzipSync(Buffer.from(voxels.buffer)), more: string[] = []) {
  const boundary = "------------------------754e48f66fdc1345";
  const body = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="image.gz"\r\nContent-Type: application/gzip\r\n\r\n`,
    ),
    file,
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n`,
    ),
    Buffer.from(`${JSON.stringify(meta)}\r\n--${boundary}--\r\n`),
  ]);
  const headers = [...curl, ...more, `Content-Type: multipart/form-data; boundary=${boundary}`];
  return ask(`POST /upload_raw/${id}?filename=upload.nii.gz`, headers, body);
}

/** The mask of a click: x fastest. */
async function click(path: string) {
  const { status, text } = await ask(`GET ${path}`);
  expect({ status, text: status === 200 ? "" : text }).toEqual({ status: 200, text: "" });
  const { status: said, result } = JSON.parse(text) as { status: string; result: string };
  expect(said).toBe("success");
  const packed = Buffer.from(result, "base64");
  expect([packed[0], packed[1], result.includes("\n")]).toEqual([0x1f, 0x8b, false]);
  return gunzipSync(packed);
}

test("the version is one that the client can read and takes; points are what there is", async () => {
  const { status, version } = await json("GET /status");
  expect(status).toBe("ok");
  const parts = (version as string).split(".");
  expect(parts.every((part) => /^\d/.test(part))).toBe(true);
  expect(parts.map(Number)).toEqual([0, 1, 2]);
  expect(await json("GET /v2/models")).toEqual({
    models: [{ id: "ensam", channels: [1], dimensions: 3, interactions: ["point"] }],
  });
});

test("old and new paths give the same masks of X * Y * Z bytes; clicks add up until a reset", async () => {
  const { session_id: old } = await json("GET /start_session");
  const { session_id: late } = await json("GET /v2/start_session/ensam");
  expect(old).toMatch(/^[\w-]+$/);
  expect((await upload(old)).status).toBe(200);
  expect((await upload(late, metadata, undefined, ["Expect: 100-continue"])).status).toBe(200);
  const first = await click(`/process_point_interaction/${old}?x=12&y=10&z=8&foreground=true`);
  expect(first.length).toBe(7680);
  expect(first.includes(1)).toBe(true);
  const far = [...first].findIndex((value, i) => value > 0 && Math.abs((i % 24) - 12) > 4);
  expect(far).toBe(-1);
  expect(await click(`/v2/process_point_interaction/${late}?point=12&point=10&point=8&foreground=true`)).toEqual(first);
  const second = await click(`/process_point_interaction/${old}?x=12&y=13&z=8&foreground=false`);
  expect(second).not.toEqual(first);
  expect((await ask(`GET /reset_interactions/${old}`)).status).toBe(200);
  expect(await click(`/process_point_interaction/${old}?x=12&y=10&z=8&foreground=true`)).toEqual(first);
  // Another image takes the place of the first.
  expect((await upload(old)).status).toBe(200);
  expect(await click(`/process_point_interaction/${old}?x=12&y=10&z=8&foreground=true`)).toEqual(first);
  expect((await ask(`GET /v2/end_session/${old}`)).status).toBe(200);
  expect((await ask(`GET /v2/end_session/${late}`)).status).toBe(200);
  expect(server.slots.taken).toBe(0);
});

test("refusals are short plain text with a status that is not 200", async () => {
  const { session_id: id } = await json("GET /start_session");
  const point = `GET /process_point_interaction/${id}?x=12&y=10&z=8&foreground=true`;
  expect(await ask(point)).toMatchObject({ status: 400, text: "expected an image before the first click" });
  expect(await ask("GET /process_point_interaction/gone?x=1&y=1&z=1&foreground=true")).toMatchObject({ status: 404 });
  expect((await ask("GET /process_point_interaction/gone?x=1&y=1&z=1")).text).toContain("choose the server again");
  const refused = async (meta: object, file?: ReturnType<typeof gzipSync>) => {
    const { status, text, headers } = await upload(id, { ...metadata, ...meta }, file);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    return `${status} ${text}`;
  };
  expect(await refused({ dimensions: [24, 20, 17] })).toBe("400 image: expected 32640 bytes of float32, got 30720");
  expect(await refused({ dimensions: [24, 20, 15] })).toMatch(/^413 image: expected at most 28800 bytes unpacked/);
  expect(await refused({ dimensions: [2400, 2000, 1600] })).toMatch(/^413 image: expected at most 1 MiB/);
  expect(await refused({ components_per_pixel: 3 })).toBe("400 image: expected one value a voxel, got 3");
  expect(await refused({ direction: [1, 0, 0, 0, 1, 0, 1, 0, 0] })).toMatch(/^400 direction/);
  expect(await refused({}, Buffer.from("no gzip"))).toBe("400 image: expected gzip, got other bytes");
  expect((await upload(id)).status).toBe(200);
  expect(await ask(`GET /process_point_interaction/${id}?x=99&y=1&z=1&foreground=true`)).toMatchObject({ status: 400 });
  expect(await ask(`GET /process_point_interaction/${id}?x=1.5&y=1&z=1&foreground=true`)).toMatchObject({
    status: 400,
  });
  expect(await ask(`POST /process_scribble_interaction/${id}?foreground=true`, curl, Buffer.from(""))).toMatchObject({
    status: 400,
  });
  expect((await click(point.slice(4))).includes(1)).toBe(true);
  // A third connection is refused until one ends.
  const { session_id: other } = await json("GET /start_session");
  expect(await ask("GET /start_session")).toMatchObject({ status: 503 });
  await ask(`GET /v2/end_session/${id}`);
  await ask(`GET /v2/end_session/${other}`);
});
