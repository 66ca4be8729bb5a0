import { expect, test } from "vitest";
import { clientArrays } from "./testing/clientArrays.ts";
import { rawRequest, sendRaw } from "./testing/rawRequest.ts";
import { testServer } from "./testing/testServer.ts";

test("an image that does not fit into memory is refused with what it needs; the client's session goes on", async () => {
  let free = 2 ** 40;
  const server = await testServer(["nninteractive", "slicer0"], { freeBytes: () => free });
  try {
    const ask = async (line: string, headers: readonly string[] = [], body: Buffer | string = "") => {
      const reply = (await sendRaw(server.port, rawRequest(line, headers, body)))!;
      return { status: reply.status, text: reply.body.toString() };
    };
    const { lease_token: lease } = JSON.parse((await ask("POST /claim")).text);
    const token = [`X-Lease-Token: ${lease}`];
    const image = Buffer.from(clientArrays.ramp, "hex");
    const click = '{"coordinates":[1,1,1],"include_interaction":true,"run_prediction":true}';
    expect(await ask("POST /set_image", token, image)).toMatchObject({ status: 200 });
    free = 1000;
    const refused = await ask("POST /set_image", token, image);
    expect(refused.status).toBe(413);
    expect(JSON.parse(refused.text).detail).toMatch(
      /^image: expected 1 MiB of free memory \(grey levels 1, label maps 1, model 1, mask 1\), got 0 MiB$/,
    );
    expect(await ask("POST /add_point_interaction", token, click)).toMatchObject({ status: 200 });
    expect(server.slots.taken).toBe(1);
    free = 2 ** 40;
    expect(await ask("POST /set_image", token, image)).toMatchObject({ status: 200 });
  } finally {
    await server.close();
  }
});
