import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../testing/rawRequest.ts";
import { type TestServer, testServer } from "../testing/testServer.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer(["nninteractive", "slicer0"]);
});
afterAll(() => server.close());

/** As numpy.save writes it. */
function npy(descr: string, shape: readonly number[], bytes: Uint8Array): Buffer {
  const words = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const text = `${words.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    Buffer.from([text.length, 0]),
    Buffer.from(text),
    bytes,
  ]);
}
const values = Int16Array.from({ length: 7680 }, (_, i) => (i * 31 + (i % 24) * 9) % 256);
const image = npy("<i2", [16, 20, 24], new Uint8Array(values.buffer));

async function ask(line: string, headers: readonly string[] = [], body?: Buffer | string) {
  const reply = (await sendRaw(server.port, rawRequest(line, headers, body)))!;
  return { ...reply, json: () => JSON.parse(reply.body.toString()) as Record<string, unknown> };
}
function send(path: string, name: string, file: Buffer, headers: readonly string[] = []) {
  const head = `--b0\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), file, Buffer.from("\r\n--b0--\r\n")]);
  return ask(`POST /${path}`, [...headers, "Content-Type: multipart/form-data; boundary=b0"], body);
}
const post = (path: string, body: object) =>
  ask(`POST /${path}`, ["Content-Type: application/json"], JSON.stringify(body));

function maskOf({ status, headers, body }: Awaited<ReturnType<typeof ask>>): number[] {
  expect(status).toBe(200);
  expect(headers["content-encoding"]).toBe("gzip");
  const bits = gunzipSync(body);
  expect(bits.length).toBe(960);
  return [...bits].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => (byte >> at) & 1));
}

test("the connection test, and no image yet: the client is told to upload it", async () => {
  expect((await ask("GET /")).status).toBe(200);
  const click = await post("add_point_interaction", { voxel_coord: [8, 10, 12], positive_click: true });
  expect(click).toMatchObject({ status: 200 });
  expect(click.json()).toEqual({ status: "error", message: "No image uploaded" });
});

test("clicks and boxes answer with the mask in bits; a segment begins anew, empty or not", async () => {
  expect((await send("upload_image", "volume.npy", image)).json()).toEqual({ status: "ok" });
  const first = maskOf(await post("add_point_interaction", { voxel_coord: [8, 10, 12], positive_click: true }));
  expect(first.includes(1)).toBe(true);
  expect(first.every((value, i) => value === 0 || Math.abs((i % 24) - 12) <= 4)).toBe(true);
  const second = maskOf(await post("add_point_interaction", { voxel_coord: [8, 13, 12], positive_click: false }));
  expect(second).not.toEqual(first);
  // The client says that its form is gzip; it is the file in it.
  const wrong = ["Content-Encoding: gzip"];
  const segment = (inside: (i: number) => boolean) =>
    gzipSync(
      npy(
        "|u1",
        [16, 20, 24],
        Uint8Array.from({ length: 7680 }, (_, i) => Number(inside(i))),
      ),
    );
  expect(
    (
      await send(
        "upload_segment",
        "segment.npy.gz",
        segment(() => false),
        wrong,
      )
    ).json(),
  ).toEqual({ status: "ok" });
  expect(maskOf(await post("add_point_interaction", { voxel_coord: [8, 10, 12], positive_click: true }))).toEqual(
    first,
  );
  await send(
    "upload_segment",
    "segment.npy.gz",
    segment((i) => i % 24 < 3),
    wrong,
  );
  const later = maskOf(await post("add_point_interaction", { voxel_coord: [8, 10, 12], positive_click: true }));
  expect(later).not.toEqual(first);
  await send(
    "upload_segment",
    "segment.npy.gz",
    segment(() => false),
    wrong,
  );
  // Both corners are in the box: one slice, made thicker.
  const flat = { outer_point_one: [8, 15, 20], outer_point_two: [8, 5, 4], positive_click: true };
  expect(maskOf(await post("add_bbox_interaction", flat)).includes(1)).toBe(true);
});

test("the same paths with a lease are those of nnInteractive 2.x", async () => {
  const headers = ["X-Lease-Token: gone"];
  expect(await ask("POST /add_point_interaction", headers, "{}")).toMatchObject({ status: 410 });
});

test("other arrays, prompts and strokes are refused", async () => {
  expect(await send("upload_image", "x.npy", npy("|O", [1, 1, 1], new Uint8Array(9)))).toMatchObject({ status: 400 });
  expect(await send("upload_image", "x.npy", npy("<i2", [4, 4], new Uint8Array(32)))).toMatchObject({ status: 400 });
  expect(await send("upload_image", "x.npy", image.subarray(0, 500))).toMatchObject({ status: 400 });
  expect(await post("add_point_interaction", { voxel_coord: [99, 0, 0] })).toMatchObject({ status: 400 });
  expect(await send("add_scribble_interaction", "x.npy.gz", gzipSync(image))).toMatchObject({ status: 400 });
});
