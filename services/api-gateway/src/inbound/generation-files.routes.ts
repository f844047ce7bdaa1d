import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { Generation, GenerationFile } from "@vibe-friend/contracts/generation";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import { archiveName } from "../domain/archive-name";
import { notFound } from "../domain/errors";
import { parseFilePath } from "../domain/file-path";
import type { GenerationStore } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";

type FileHandlers = Pick<RouteHandlers, "listFiles" | "readFile" | "downloadArchive">;
type FileStore = Pick<GenerationStore, "find" | "listFiles" | "readFile">;

/** What was generated is data: never shown as a page, never run. */
export function createGenerationFilesRoutes(store: FileStore): FileHandlers {
  return {
    async listFiles({ principal, params }, _request, response) {
      const items = await store.listFiles(principal.session.userId, params.id);
      response.json({ items, nextCursor: null });
    },

    async readFile({ principal, params }, request, response) {
      const path = parseFilePath(params.path);
      const file = await store.readFile(principal.session.userId, params.id, path);
      response.setHeader("ETag", `"${file.sha256}"`);
      response.setHeader("Cache-Control", "private, no-cache");
      if (request.fresh) {
        response.status(304).end();
        return;
      }
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.setHeader("Content-Disposition", attachment(path.slice(path.lastIndexOf("/") + 1)));
      response.send(file.content);
    },

    async downloadArchive({ principal, params }, request, response) {
      const { userId } = principal.session;
      const generation = await store.find(userId, params.id);
      if (generation === undefined) throw notFound();
      const files = await store.listFiles(userId, params.id);
      if (files.length === 0) throw new ProblemError("wrong_state", { detail: "It has no files yet" });
      const name = archiveName(generation.prompt);
      response.setHeader("Content-Type", "application/zip");
      response.setHeader("Content-Disposition", attachment(`${name}.zip`));
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      await pipeline(createArchive({ generation, files, folder: name, store }), response);
    },
  };
}

interface Archive {
  readonly generation: Generation;
  readonly files: readonly GenerationFile[];
  readonly folder: string;
  readonly store: Pick<FileStore, "readFile">;
}

/** One file in memory at a time, read when its turn comes. */
function createArchive({ generation, files, folder, store }: Archive): Readable {
  const zip = new ZipFile();
  const output = new Readable().wrap(zip.outputStream);
  const mtime = new Date(generation.finishedAt ?? generation.createdAt);
  zip.on("error", (error) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  for (const { path } of files) {
    zip.addReadStreamLazy(`${folder}/${parseFilePath(path)}`, { mtime, mode: 0o100644 }, (done) => {
      store.readFile(generation.userId, generation.id, path).then(
        ({ content }) => {
          done(null, Readable.from([Buffer.from(content)]));
        },
        (error: unknown) => {
          done(error, Readable.from([]));
        },
      );
    });
  }
  zip.end();
  return output;
}

/** RFC 6266: an ASCII name for everybody and the real one for those who can read it. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
