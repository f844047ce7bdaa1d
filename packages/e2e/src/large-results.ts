import { execFileSync } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Stack } from "@vibe-friend/local-stack/stack";
import { Client } from "pg";
import type { Person } from "./person";

/** Characters in one stored part of a file. */
const PART_LENGTH = 256 * 1024;
const PARTS_A_FILE = 16;
const MIB = 1024 * 1024;

export async function withDatabase<T>(stack: Stack, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: stack.env["DATABASE_URL"] });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Stores a completed generation with `mib` MiB of text that hardly packs, in files of 4 MiB.
 *
 * @returns its id
 */
export function storeLargeResult(stack: Stack, person: Person, mib: number): Promise<string> {
  return withDatabase(stack, async (client) => {
    // Ids are of version 7.
    const id = randomUUID().replace(/^(.{14})./, (_, start: string) => `${start}7`);
    await client.query(
      `insert into generations (id, user_id, prompt, engine, priority, mode, status, started_at, finished_at)
       values ($1, $2, 'a large shop', 'builtin', 5, 'async', 'completed', now(), now())`,
      [id, person.userId],
    );
    for (let file = 0; file < (mib * MIB) / PART_LENGTH / PARTS_A_FILE; file += 1) {
      await storeFile(client, id, `src/data-${String(file).padStart(3, "0")}.txt`);
    }
    return id;
  });
}

async function storeFile(client: Client, id: string, path: string): Promise<void> {
  const parts = Array.from({ length: PARTS_A_FILE }, () =>
    randomBytes((PART_LENGTH / 4) * 3).toString("base64"),
  );
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  await client.query(
    "insert into generation_files (generation_id, path, content, bytes, sha256) values ($1, $2, null, $3, $4)",
    [id, path, PARTS_A_FILE * PART_LENGTH, hash.digest("hex")],
  );
  for (const [part, content] of parts.entries()) {
    await client.query(
      "insert into generation_file_parts (generation_id, path, part, content) values ($1, $2, $3, $4)",
      [id, path, part, content],
    );
  }
}

/** Bytes of memory that a part of the stack has resident. */
export function residentBytes(stack: Stack, part: string): number {
  const pid = stack.parts().find(({ name }) => name === part)?.pid;
  if (pid === undefined) throw new Error(`${part} doesn't run`);
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1024;
}

/** Watches the memory of parts of the stack. @returns a function that ends it and says by how much each grew at most */
export function watchMemory(stack: Stack, parts: readonly string[]): () => Record<string, number> {
  const before = new Map(parts.map((part) => [part, residentBytes(stack, part)]));
  const most = new Map(before);
  const timer = setInterval(() => {
    for (const part of parts) most.set(part, Math.max(most.get(part) ?? 0, residentBytes(stack, part)));
  }, 200);
  return () => {
    clearInterval(timer);
    return Object.fromEntries(parts.map((part) => [part, (most.get(part) ?? 0) - (before.get(part) ?? 0)]));
  };
}

export interface Download {
  readonly status: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentLength: string | null;
}

/** Downloads the archive without keeping it. */
export async function downloadArchive(person: Person, id: string, url?: string): Promise<Download> {
  const response = await fetch(url ?? person.client.generations.archiveUrl(id), {
    headers: { cookie: person.jar.header() ?? "" },
  });
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return {
    status: response.status,
    bytes,
    sha256: hash.digest("hex"),
    contentLength: response.headers.get("content-length"),
  };
}
