import type { Request, Response } from "express";
import { archiveName } from "@vibe-friend/contracts/archive-name";
import type { ArchiveStore } from "../domain/archive-ports";
import { parseFilePath } from "../domain/file-path";
import type { OpenArchive } from "../domain/open-archive";
import type { GenerationStore } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { leavePlace } from "./request-places";
import { abandonmentOf, streamBody } from "./stream-body";
import { createStreamCount } from "./stream-count";

export interface FilesRoutesDependencies {
  readonly store: Pick<GenerationStore, "listFiles" | "openFile">;
  readonly archives: Pick<ArchiveStore, "describe">;
  readonly openArchive: OpenArchive;
  /** downloads of archives and of large files that one person may have open through this process; default 50 */
  readonly maxDownloads?: number;
}

/** Bytes of a file that are one piece, which the answer's own buffers take. */
const ONE_PIECE = 64 * 1024;

type FileHandlers = Pick<RouteHandlers, "listFiles" | "readFile" | "downloadArchive">;

/** What was generated is data: never shown as a page, never run. Contents pass through a piece at a time. */
export function createGenerationFilesRoutes(dependencies: FilesRoutesDependencies): FileHandlers {
  const { store, archives, openArchive } = dependencies;
  const downloads = createStreamCount("downloads", dependencies.maxDownloads ?? 50);

  /** What is as slow as its reader keeps no place. @throws quota_exceeded */
  function goOnWithoutPlace(userId: string, response: Response): void {
    response.once("close", downloads.enter(userId));
    leavePlace(response);
  }

  return {
    async listFiles({ principal, params }, _request, response) {
      const items = await store.listFiles(principal.session.userId, params.id);
      response.json({ items, nextCursor: null });
    },

    async readFile({ principal, params }, request, response) {
      const path = parseFilePath(params.path);
      const { file, content } = await store.openFile(principal.session.userId, params.id, path);
      if (isKnown(request, response, `"${file.sha256}"`)) return;
      describeContent(response, {
        type: "text/plain; charset=utf-8",
        name: path.slice(path.lastIndexOf("/") + 1),
        bytes: file.bytes,
      });
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      const { userId } = principal.session;
      if (file.bytes > ONE_PIECE && downloads.hasRoom(userId)) goOnWithoutPlace(userId, response);
      await streamBody(response, content, file);
    },

    async downloadArchive({ principal, params }, request, response) {
      const { userId } = principal.session;
      const { prompt, finishedAt, archive } = await archives.describe(userId, params.id);
      // The files never change once they have an end; how they are packed may, from one release to the next.
      const etag = `W/"${params.id}-${finishedAt.getTime().toString(36)}"`;
      if (isKnown(request, response, etag)) return;
      const head = { type: "application/zip", name: `${archiveName(prompt)}.zip` };
      if (request.method === "HEAD") {
        describeContent(response, {
          ...head,
          bytes: archive?.status === "ready" ? archive.bytes : undefined,
        });
        response.end();
        return;
      }
      response.removeHeader("ETag");
      // It may have to be built first.
      goOnWithoutPlace(userId, response);
      const abandoned = abandonmentOf(response);
      const opened = await openArchive({ userId, generationId: params.id, abandoned });
      if (opened === undefined) return;
      response.setHeader("ETag", etag);
      describeContent(response, { ...head, bytes: opened.bytes });
      await streamBody(response, opened.content, opened);
    },
  };
}

/** Answers 304 to who has it already. */
function isKnown(request: Request, response: Response, etag: string): boolean {
  response.setHeader("ETag", etag);
  response.setHeader("Cache-Control", "private, no-cache");
  if (request.fresh) response.status(304).end();
  return request.fresh;
}

interface Content {
  readonly type: string;
  readonly name: string;
  readonly bytes: number | undefined;
}

function describeContent(response: Response, { type, name, bytes }: Content): void {
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Disposition", attachment(name));
  if (bytes !== undefined) response.setHeader("Content-Length", bytes);
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
