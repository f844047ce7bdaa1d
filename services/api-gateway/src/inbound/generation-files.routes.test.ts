import { once } from "node:events";
import { get as httpGet, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import request from "supertest";
import { createMemoryArchives } from "../testing/memory-archives";
import { createMemoryGateway, generationId } from "../testing/memory-gateway";

const base = `/api/v1/generations/${generationId}`;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function setup(options: Parameters<typeof createMemoryGateway>[1] = {}) {
  const archive = createMemoryArchives();
  const gateway = createMemoryGateway(
    { archives: archive.archives },
    { archive: { waitMs: 300, pollMs: 20 }, ...options },
  );
  const send = (method: "get" | "head", path: string) =>
    request(gateway.app)[method](path).set("Cookie", gateway.cookie);
  return {
    ...gateway,
    archive,
    get: (path: string) => send("get", path),
    head: (path: string) => send("head", path),
    /** Answers with the head; its body comes as it comes. */
    async open(path: string): Promise<IncomingMessage> {
      const server = gateway.app.listen(0, "127.0.0.1");
      servers.push(server);
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      return new Promise((resolve, reject) => {
        httpGet({ port, host: "127.0.0.1", path, headers: { cookie: gateway.cookie } }, resolve).on(
          "error",
          reject,
        );
      });
    },
  };
}

const failures = (lines: readonly { readonly message: string }[]) =>
  lines.filter(({ message }) => message === "request failed");

async function until(isTrue: () => boolean): Promise<void> {
  for (const endsAt = Date.now() + 5000; !isTrue();) {
    if (Date.now() > endsAt) throw new Error("it did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("one file", () => {
  it("is text that no browser runs", async () => {
    const { get, files } = setup();
    files.set("public/index.html", "<script>alert('é')</script>");
    const response = await get(`${base}/files/public/index.html`);
    expect(response.status).toBe(200);
    expect(response.text).toBe("<script>alert('é')</script>");
    expect(response.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(response.headers["content-length"]).toBe("28");
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
    expect(response.headers["content-disposition"]).toContain('attachment; filename="index.html"');
    expect(response.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("is described without being read", async () => {
    const { head, files } = setup();
    files.set("a.ts", "12345");
    const response = await head(`${base}/files/a.ts`);
    expect([response.status, response.headers["content-length"]]).toEqual([200, "5"]);
  });

  it("keeps its name within the header, whatever it is", async () => {
    const { get, files } = setup();
    files.set('sr"c/é"x.ts', "x");
    const response = await get(`${base}/files/${encodeURIComponent('sr"c')}/${encodeURIComponent('é"x.ts')}`);
    expect(response.headers["content-disposition"]).toBe(
      `attachment; filename="__x.ts"; filename*=UTF-8''%C3%A9%22x.ts`,
    );
  });

  it("holds no place of others while a slow client takes it", async () => {
    const { open, get, files } = setup({ overload: { maxConcurrent: 1, maxWaiting: 1, maxQueued: 0 } });
    // More than the sockets' buffers take.
    const pieces = Array.from({ length: 64 }, () => "x".repeat(256 * 1024));
    files.set("large.txt", pieces);
    files.set("a.ts", "12345");
    const response = await open(`${base}/files/large.txt`);
    response.pause();
    expect((await get(`${base}/files/a.ts`)).text).toBe("12345");
    expect((await readBody(response)).length).toBe(pieces.join("").length);
  });

  it("is not sent again to who has it", async () => {
    const { get, files } = setup();
    files.set("a.ts", "x");
    const { headers } = await get(`${base}/files/a.ts`);
    const again = await get(`${base}/files/a.ts`).set("If-None-Match", headers["etag"] ?? "");
    expect(again.status).toBe(304);
  });

  it("can't be outside, even where the address isn't normalised on its way", async () => {
    const { open } = setup();
    const response = await open(`${base}/files/../../../../etc/passwd`);
    response.resume();
    expect(response.statusCode).toBe(400);
  });
});

describe("the archive", () => {
  it("isn't there before the generation has ended with files", async () => {
    const { get, head } = setup();
    expect((await get(`${base}/archive.zip`)).status).toBe(409);
    expect((await head(`${base}/archive.zip`)).status).toBe(409);
  });

  it("is described without being built", async () => {
    const { head, archive } = setup();
    archive.end();
    const before = await head(`${base}/archive.zip`);
    expect(before.status).toBe(200);
    expect(before.headers).not.toHaveProperty("content-length");
    expect(before.headers["content-disposition"]).toContain('filename="a-library-with-books.zip"');
    expect(archive.jobs).toEqual([]);
    archive.add(Buffer.from("zip"));
    archive.become("ready");
    const after = await head(`${base}/archive.zip`);
    expect(after.headers["content-length"]).toBe("3");
    expect(after.headers["etag"]).toBe(before.headers["etag"]);
  });

  it("is ordered once, and sent part by part while it is built", async () => {
    const { open, archive } = setup();
    archive.end();
    const opening = open(`${base}/archive.zip`);
    await until(() => archive.jobs.length === 1);
    archive.add(Buffer.from("first "));
    const response = await opening;
    expect(response.statusCode).toBe(200);
    expect(response.headers).not.toHaveProperty("content-length");
    const [first] = (await once(response, "data")) as [Buffer];
    expect(first.toString()).toBe("first ");
    archive.add(Buffer.from("second "));
    archive.add(Buffer.from("third"));
    archive.become("ready");
    expect((await readBody(response)).toString()).toBe("second third");
    expect(response.complete).toBe(true);
    expect(archive.jobs).toEqual([{ id: generationId, build: "1" }]);
    expect(archive.listeners.size).toBe(0);
  });

  it("says its length when it is ready, waits for no news, and isn't sent again to who has it", async () => {
    const { get, archive } = setup();
    archive.end();
    archive.add(Buffer.from("a zip"));
    archive.become("ready");
    const response = await get(`${base}/archive.zip`).buffer();
    expect([response.status, response.headers["content-length"]]).toEqual([200, "5"]);
    expect(response.headers["content-type"]).toBe("application/zip");
    const etag = response.headers["etag"] ?? "";
    archive.reads.length = 0;
    expect((await get(`${base}/archive.zip`).set("If-None-Match", etag)).status).toBe(304);
    expect(archive.reads).toEqual([]);
  });

  it("is asked for again later when nobody builds it in time", async () => {
    const { get, archive, logger } = setup();
    archive.end();
    const response = await get(`${base}/archive.zip`);
    expect(response.status).toBe(503);
    expect(response.headers["retry-after"]).toBeDefined();
    expect(response.headers).not.toHaveProperty("etag");
    expect(archive.listeners.size).toBe(0);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("is a problem when it can't be built", async () => {
    const { get, archive } = setup();
    archive.end();
    const asking = get(`${base}/archive.zip`).then((response) => response);
    await until(() => archive.jobs.length === 1);
    archive.become("failed");
    const response = await asking;
    expect(response.status).toBe(500);
    expect((JSON.parse(response.text) as { code: string }).code).toBe("archive_failed");
  });

  it.each(["failed", "gone"])("is cut off, not ended, when its build is %s in the middle", async (what) => {
    const { open, archive } = setup();
    archive.end();
    archive.add(Buffer.from("first"));
    const response = await open(`${base}/archive.zip`);
    await once(response, "data");
    if (what === "failed") archive.become("failed");
    else archive.remove();
    await expect(readBody(response)).rejects.toThrow("aborted");
    expect(response.complete).toBe(false);
  });

  it("goes on when Postgres was away in the middle", async () => {
    const { open, archive } = setup();
    archive.end();
    archive.add(Buffer.from("first "));
    const response = await open(`${base}/archive.zip`);
    await once(response, "data");
    archive.failWith(Object.assign(new Error("Postgres is away"), { retryable: true, code: "unavailable" }));
    archive.add(Buffer.from("second"));
    const reads = archive.reads.length;
    await until(() => archive.reads.length > reads + 2);
    archive.failWith(undefined);
    archive.become("ready");
    expect((await readBody(response)).toString()).toBe("second");
  });

  it("is read no further than a slow client takes it, and no more once that is gone, which is no error", async () => {
    const { open, archive, logger } = setup();
    archive.end();
    const part = Buffer.alloc(256 * 1024, "x");
    for (let i = 0; i < 200; i += 1) archive.add(part);
    archive.become("ready");
    const response = await open(`${base}/archive.zip`);
    response.pause();
    await until(() => archive.reads.length > 2);
    let read = 0;
    // What the sockets' buffers take is a matter of the system; it comes to a rest.
    while (archive.reads.length > read) {
      read = archive.reads.length;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(read).toBeLessThan(60);
    response.destroy();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(archive.reads.length).toBeLessThanOrEqual(read + 1);
    expect(failures(logger.lines)).toEqual([]);
  });

  it("is refused to who has too many downloads open, and goes on with the others", async () => {
    const { open, archive } = setup({ archive: { waitMs: 10_000, pollMs: 20 } });
    archive.end();
    const opened = Array.from({ length: 50 }, () => open(`${base}/archive.zip`));
    await until(() => archive.listeners.size === 50);
    const refused = await open(`${base}/archive.zip`);
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "5"]);
    archive.add(Buffer.from("whole"));
    archive.become("ready");
    const bodies = await Promise.all(opened.map(async (response) => String(await readBody(await response))));
    expect(new Set(bodies)).toEqual(new Set(["whole"]));
  });

  it("is no error either when the client goes while it waits", async () => {
    const { open, archive, logger } = setup();
    archive.end();
    const opening = open(`${base}/archive.zip`);
    opening.catch(() => undefined);
    await until(() => archive.listeners.size === 1);
    for (const server of servers) server.closeAllConnections();
    await until(() => archive.listeners.size === 0);
    await expect(opening).rejects.toThrow();
    expect(failures(logger.lines)).toEqual([]);
  });
});
