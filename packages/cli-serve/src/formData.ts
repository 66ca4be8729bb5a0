import { HttpError, type ViewerRequest } from "./viewerRequest.ts";

/** The parts of a multipart form. */
export interface Form {
  field(name: string): string | undefined;
  /** A part with a file name. */
  file(name: string): { readonly name: string; readonly bytes: Buffer } | undefined;
}

/** Reads a multipart form of at most `limit` bytes. @throws HttpError 400 for another body */
export async function formOf(request: ViewerRequest, limit: number): Promise<Form> {
  const type = request.headers["content-type"] ?? "";
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    throw new HttpError(400, `body: expected a multipart form, got ${JSON.stringify(type.slice(0, 40))}`);
  }
  const body = await request.body(limit);
  const parts = new Map<string, string | { readonly name: string; readonly bytes: Buffer }>();
  try {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) {
      parts.set(
        name,
        typeof value === "string" ? value : { name: value.name, bytes: Buffer.from(await value.arrayBuffer()) },
      );
    }
  } catch {
    throw new HttpError(400, "body: expected a multipart form, got one that cannot be read");
  }
  return {
    field(name) {
      const part = parts.get(name);
      return typeof part === "object" ? part.bytes.toString() : part;
    },
    file(name) {
      const part = parts.get(name);
      return typeof part === "object" ? part : undefined;
    },
  };
}
