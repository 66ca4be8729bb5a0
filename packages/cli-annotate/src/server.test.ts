import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PageServer, servePage } from "./server.ts";

let server: PageServer;
beforeAll(async () => {
  server = await servePage(0, async ({ method, path, query, body }) => {
    if (path === "fails") throw new Error("what went wrong");
    const text = method === "POST" ? (await body(10)).toString() : "";
    return {
      type: "text/plain",
      body: `${method} ${path} ${query} ${text}`,
      ...(path === "file" && { download: "a b.nii" }),
    };
  });
});
afterAll(() => server.close());

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A request as it is, with nothing added but what HTTP needs. */
function ask({ path = "", method = "GET", headers = {}, body }: Asked = {}) {
  const { pathname, host, port } = new URL(server.address);
  const target = path.startsWith("/") ? path : pathname + path;
  return new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path: target, method, headers: { host, ...headers } }, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("data", (chunk) => {
        text += chunk;
      });
      reply.on("end", () => resolve({ status: reply.statusCode!, text, headers: reply.headers }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("the address leads to the page, by number and by name, and to nothing else", async () => {
  expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  expect(await ask({ path: "api/state?x=1" })).toMatchObject({ status: 200, text: "GET api/state x=1 " });
  expect(await ask({ headers: { host: `localhost:${server.port}` } })).toMatchObject({ status: 200 });
  for (const path of ["/", "/api/state", `/${"A".repeat(32)}/`, "/favicon.ico"])
    expect((await ask({ path })).status).toBe(404);
});

test("another host name (a name server that was bent) and another page's origin are refused", async () => {
  for (const host of ["evil.example", `evil.example:${server.port}`, "127.0.0.1", "127.0.0.1:1"]) {
    expect((await ask({ headers: { host } })).status).toBe(421);
  }
  for (const origin of [
    "http://evil.example",
    "null",
    `https://127.0.0.1:${server.port}`,
    `http://127.0.0.1:${server.port}.evil`,
  ]) {
    expect((await ask({ headers: { origin } })).status).toBe(403);
  }
  const own = `http://127.0.0.1:${server.port}`;
  expect((await ask({ method: "POST", path: "a", body: "1", headers: { origin: own } })).text).toBe("POST a  1");
  expect((await ask({ method: "POST", path: "a", body: "1" })).status).toBe(403);
});

test("a body beyond the limit is refused, an error becomes its words, and replies forbid what the page does not need", async () => {
  const origin = `http://127.0.0.1:${server.port}`;
  expect((await ask({ method: "POST", body: "12345678901", headers: { origin } })).status).toBe(413);
  expect(await ask({ path: "fails" })).toMatchObject({ status: 500, text: '{"error":"what went wrong"}' });
  const { headers } = await ask({ path: "file" });
  expect(headers["content-disposition"]).toBe("attachment; filename*=UTF-8''a%20b.nii");
  expect(headers["content-security-policy"]).toContain("default-src 'self'");
  expect(headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test("a port in use is said", async () => {
  await expect(servePage(server.port, async () => ({ type: "", body: "" }))).rejects.toThrow(
    `--port ${server.port}: expected a free port on 127.0.0.1, got one in use`,
  );
});
