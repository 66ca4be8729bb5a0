import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage, readLabels, writeNifti } from "@ensam/core/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../testing/rawRequest.ts";
import { type TestServer, testServer } from "../testing/testServer.ts";

let server: TestServer;
let folder: string;
let scan: Buffer;
/** 24 x 20 x 16 voxels, oblique, x to the right. */
const affine = [1.5, 0, 0.2, -10, 0, 1.5, 0, 20, -0.2, 0, 3, 5, 0, 0, 0, 1];
const shape = [16, 20, 24] as const;

beforeAll(async () => {
  server = await testServer(["monailabel"], { sessions: 2 });
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const data = Int16Array.from({ length: 7680 }, (_, i) => (i * 31 + (i % 24) * 9) % 256);
  await writeNifti(join(folder, "scan.nii.gz"), { data, shape }, affine);
  scan = await readFile(join(folder, "scan.nii.gz"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const own = ["Accept-Encoding: identity"];
/** The boundary of the extension's own encoder; an extra line end follows its last line. */
const limit = "----------lImIt_of_THE_fIle_eW_$";

async function ask(line: string, headers: readonly string[] = own, body?: Buffer | string) {
  const reply = (await sendRaw(server.port, rawRequest(line, headers, body)))!;
  expect(reply.headers["transfer-encoding"]).toBeUndefined();
  expect(Number(reply.headers["content-length"])).toBe(reply.body.length);
  return reply;
}
const json = async (line: string) => JSON.parse((await ask(line)).body.toString());

/** As python-requests writes it: a field and a file without a type. */
async function upload(name = "abc.nii.gz", bytes = scan) {
  const boundary = "0123456789abcdef0123456789abcdef";
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="client_id"\r\n\r\nuser-xyz\r\n`),
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const headers = ["Accept: */*", "Connection: keep-alive", `Content-Type: multipart/form-data; boundary=${boundary}`];
  const reply = await ask("PUT /session/", headers, body);
  return { status: reply.status, ...(JSON.parse(reply.body.toString()) as { session_id: string; detail?: string }) };
}

async function infer(id: string, params: object, model = "ensam") {
  const all = {
    label: "object",
    background: [],
    result_extension: ".nrrd",
    result_dtype: "uint8",
    client_id: "user-xyz",
    ...params,
  };
  const body = `--${limit}\r\nContent-Disposition: form-data; name="params"\r\n\r\n${JSON.stringify(all)}\r\n--${limit}--\r\n\r\n`;
  const headers = [...own, `content-type: multipart/form-data; boundary=${limit}`];
  const reply = await ask(`POST /infer/${model}?image=MR+Head%2F%C3%A4&session_id=${id}`, headers, body);
  if (reply.status !== 200) return { status: reply.status, detail: JSON.parse(reply.body.toString()).detail as string };
  const form = await new Response(reply.body, {
    headers: { "content-type": reply.headers["content-type"]! },
  }).formData();
  const file = form.get("image") as File;
  expect(form.get("params")).toBe('{"label_names":{"object":1}}');
  expect([...form.keys()]).toEqual(["params", "image"]);
  expect(file.name).toMatch(/\.nrrd$/);
  const path = join(folder, "answer.nrrd");
  await writeFile(path, Buffer.from(await file.arrayBuffer()));
  return { status: 200, mask: await readLabels(path), grid: (await readImage(path)).affine };
}

test("connecting: no login, a model for clicks and boxes, nothing that Slicer takes for an old server; no training", async () => {
  expect((await ask("GET /auth/")).status).toBe(404);
  const info = await json("GET /info/");
  expect(info.models.ensam).toMatchObject({ type: "deepgrow", dimension: 3, labels: ["object"] });
  expect(info.labels).toEqual(["object"]);
  expect(info).not.toHaveProperty("config");
  expect((await ask("GET /train/?check_if_running=true")).status).toBe(404);
});

test("an upload is a session; one that is not there is an empty object, so that Slicer uploads again", async () => {
  const { session_id: id } = await upload();
  expect(await json(`GET /session/${id}`)).toMatchObject({ name: id, shape: [24, 20, 16] });
  expect(await json("GET /session/unknown")).toEqual({});
  expect(await json(`DELETE /session/${id}`)).toEqual({});
  expect(await json(`GET /session/${id}`)).toEqual({});
  expect(server.slots.taken).toBe(0);
});

test("an infer's mask lies on the image's grid; voxels are (i, j, k) of the file", async () => {
  const { session_id: id } = await upload();
  const { mask, grid } = await infer(id, { foreground: [[12, 10, 8]] });
  expect(mask!.labels.shape).toEqual(shape);
  grid!.forEach((value, i) => {
    expect(value).toBeCloseTo(affine[i]!, 4);
  });
  const inside = [...mask!.labels.data].flatMap((value, i) => (value === 0 ? [] : [i]));
  expect(inside.length).toBeGreaterThan(0);
  // Looked for up to 4 voxels around the click.
  expect(inside.every((i) => Math.abs((i % 24) - 12) <= 4 && Math.abs(Math.floor(i / 480) - 8) <= 4)).toBe(true);
  await json(`DELETE /session/${id}`);
});

test("the mask follows from the list of prompts: added, taken away, a ROI whichever way round", async () => {
  const { session_id: id } = await upload("/home/a b/../x.nii.gz");
  const voxels = async (params: object) => (await infer(id, params)).mask!.labels.data;
  const [a, b] = [
    [12, 10, 8],
    [12, 13, 8],
  ];
  const first = await voxels({ foreground: [a] });
  const both = await voxels({ foreground: [a], background: [b] });
  expect(both).not.toEqual(first);
  expect(await voxels({ foreground: [a] })).toEqual(first);
  expect(await voxels({ foreground: [a], background: [b] })).toEqual(both);
  const boxed = await voxels({ foreground: [a], roi: [4, 18, 3, 12, 2, 9] });
  expect(boxed).not.toEqual(first);
  expect(await voxels({ foreground: [a], roi: [18, 4, 12, 3, 9, 2] })).toEqual(boxed);
  expect(await voxels({ foreground: [], roi: [4, 18, 3, 12, 2, 9] })).not.toEqual(boxed);
  expect((await voxels({ foreground: [], background: [b] })).some((value) => value > 0)).toBe(false);
  expect(await voxels({ foreground: [a], background: [b] })).toEqual(both);
  await json(`DELETE /session/${id}`);
});

test("what cannot be is refused in words, and the session lives on", async () => {
  const { session_id: id } = await upload();
  expect(await infer(id, { foreground: [[24, 0, 0]] })).toEqual({
    status: 400,
    detail: "click: expected a voxel (z, y, x) of [16,20,24], got [0,0,24]",
  });
  expect(await infer(id, { foreground: [["x", 0, 0]] })).toMatchObject({ status: 400 });
  expect(await infer(id, { roi: [1, 2, 3] })).toMatchObject({ status: 400 });
  expect(await infer(id, {}, "other")).toMatchObject({ status: 404 });
  expect(await infer("gone", { foreground: [[1, 1, 1]] })).toMatchObject({ status: 404 });
  expect((await infer(id, { foreground: [[12, 10, 8]] })).status).toBe(200);
  await json(`DELETE /session/${id}`);
  expect(await upload("x.nii.gz", Buffer.from("no image"))).toMatchObject({ status: 400 });
  const { gzipSync } = await import("node:zlib");
  expect(await upload("x.nii.gz", gzipSync(Buffer.alloc(2 ** 22)))).toMatchObject({ status: 413 });
});

test("beyond the limit the session that was unused for longest makes room: its client uploads again", async () => {
  const ids = [await upload(), await upload()].map((reply) => reply.session_id);
  await json(`GET /session/${ids[0]}`);
  const third = await upload();
  expect(await json(`GET /session/${ids[1]}`)).toEqual({});
  expect(await json(`GET /session/${ids[0]}`)).not.toEqual({});
  for (const id of [ids[0], third.session_id]) await json(`DELETE /session/${id}`);
  expect(server.slots.taken).toBe(0);
});
