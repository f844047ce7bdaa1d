import { inflateRawSync } from "node:zlib";
import request from "supertest";
import { createMemoryGateway, generationId } from "../testing/memory-gateway";

const base = `/api/v1/generations/${generationId}`;

function setup() {
  const gateway = createMemoryGateway();
  return { ...gateway, get: (path: string) => request(gateway.app).get(path).set("Cookie", gateway.cookie) };
}

describe("one file", () => {
  it("is text that no browser runs", async () => {
    const { get, files } = setup();
    files.set("public/index.html", "<script>alert(1)</script>");
    const response = await get(`${base}/files/public/index.html`);
    expect(response.status).toBe(200);
    expect(response.text).toBe("<script>alert(1)</script>");
    expect(response.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
    expect(response.headers["content-disposition"]).toContain('attachment; filename="index.html"');
    expect(response.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("keeps its name within the header, whatever it is", async () => {
    const { get, files } = setup();
    files.set('sr"c/é"x.ts', "x");
    const response = await get(`${base}/files/${encodeURIComponent('sr"c')}/${encodeURIComponent('é"x.ts')}`);
    expect(response.headers["content-disposition"]).toBe(
      `attachment; filename="__x.ts"; filename*=UTF-8''%C3%A9%22x.ts`,
    );
  });

  it("is not sent again to who has it", async () => {
    const { get, files } = setup();
    files.set("a.ts", "x");
    const { headers } = await get(`${base}/files/a.ts`);
    const again = await get(`${base}/files/a.ts`).set("If-None-Match", headers["etag"] ?? "");
    expect(again.status).toBe(304);
  });

  it("can't be outside, even where the address isn't normalised on its way", async () => {
    const { app, cookie } = setup();
    const server = app.listen(0);
    const { port } = server.address() as { port: number };
    const { request: send } = await import("node:http");
    const status = await new Promise<number | undefined>((resolve) => {
      send({ port, path: `${base}/files/../../../../etc/passwd`, headers: { cookie } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    server.close();
    expect(status).toBe(400);
  });
});

describe("the archive", () => {
  it("holds every file in a folder named after the prompt", async () => {
    const { get, files } = setup();
    const big = "line\n".repeat(50_000);
    files.set("README.md", "# Library");
    files.set("src/books/book.ts", big);
    const response = await get(`${base}/archive.zip`).buffer().parse(collect);
    expect(response.status).toBe(200);
    expect(response.headers["content-disposition"]).toContain('filename="a-library-with-books.zip"');
    expect(unzip(response.body as Buffer)).toEqual(
      new Map([
        ["a-library-with-books/README.md", "# Library"],
        ["a-library-with-books/src/books/book.ts", big],
      ]),
    );
  });

  it("isn't there before there are files", async () => {
    expect((await setup().get(`${base}/archive.zip`)).status).toBe(409);
  });
});

function collect(response: request.Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    done(null, Buffer.concat(chunks));
  });
}

/** Reads a zip by its central directory (APPNOTE 4.3.12). */
function unzip(zip: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < zip.readUInt16LE(end + 10); entry += 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(name, inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20))).toString());
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}
