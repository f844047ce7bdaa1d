import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { newGeneration, prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createArchiveClaims, type ArchiveClaimOptions, type ClaimedArchive } from "./archive-claims";
import { createArchives, type Archives } from "./archives";
import { createGenerations, type Generations } from "./generations";

let schema: TestSchema;
let generations: Generations;
let archives: Archives;
let userId: string;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
  archives = createArchives(schema.database);
});
afterAll(() => schema.drop());
beforeEach(async () => {
  await schema.database.query("delete from generations");
  await schema.database.query("delete from queues");
  userId = await schema.addUser();
});

function claims(options: Partial<ArchiveClaimOptions> = {}) {
  return createArchiveClaims(schema.database, { workerId: "w", leaseMs: 6000, maxAttempts: 3, ...options });
}

const problem = { code: "archive_failed", title: "It can't be built" };
const bytes = (text: string) => Buffer.from(text);

async function submit(): Promise<string> {
  return (await generations.submit(newGeneration(userId))).generation.id;
}

/** A cancelled generation that has left files. */
async function newEnded(paths: readonly string[] = ["a.ts"]): Promise<string> {
  const id = await submit();
  for (const path of paths) {
    await schema.database.query(
      "insert into generation_files (generation_id, path, content, bytes, sha256, partial) values ($1, $2, 'x', 1, $3, true)",
      [id, path, "0".repeat(64)],
    );
  }
  await generations.cancel(userId, id);
  return id;
}

async function claimed(options?: Partial<ArchiveClaimOptions>): Promise<ClaimedArchive> {
  const { generationId } = await archives.request(userId, await newEnded());
  return (await claims(options).claim(generationId))!;
}

/** Runs the generation again, up to another end, whatever that does to its archive. */
async function runAgain(id: string): Promise<void> {
  await schema.database.query(
    "update generations set status = 'queued', finished_at = null where id = $1 and user_id = $2",
    [id, userId],
  );
  await generations.cancel(userId, id);
}

describe("asking for an archive", () => {
  it("makes one that waits, and the same one for everybody who asks meanwhile", async () => {
    const id = await newEnded();
    expect((await archives.describe(userId, id)).archive).toBeUndefined();
    const answers = await Promise.all(Array.from({ length: 10 }, () => archives.request(userId, id)));
    expect(new Set(answers.map(({ build }) => build)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: "queued", parts: 0, bytes: 0, error: null });
    expect((await archives.describe(userId, id)).archive).toEqual(answers[0]);
  });

  it("is refused for a stranger, for one that hasn't ended, and for one without files", async () => {
    const id = await newEnded();
    const stranger = await schema.addUser();
    for (const ask of [archives.request, archives.describe]) {
      await expect(ask(stranger, id)).rejects.toMatchObject({ code: "not_found" });
      await expect(ask(userId, "01890000-0000-7000-8000-0000000000bb")).rejects.toMatchObject({
        code: "not_found",
      });
      await expect(ask(userId, await submit())).rejects.toMatchObject({ code: "wrong_state" });
      await expect(ask(userId, await newEnded([]))).rejects.toMatchObject({ code: "wrong_state" });
    }
  });

  it("begins a failed one anew, with attempts of its own and none of its parts", async () => {
    const failed = await claimed();
    await claims().append(failed, 0, bytes("old"));
    await claims().fail(failed, problem);
    const old = (await archives.describe(userId, failed.generationId)).archive!;
    expect(old).toMatchObject({ status: "failed", error: problem });
    const again = await archives.request(userId, failed.generationId);
    expect(again).toMatchObject({ status: "queued", parts: 0, error: null });
    expect(again.build).not.toBe(old.build);
    expect(await archives.readPart(old, 0)).toBeUndefined();
    expect(await claims().claim(failed.generationId)).toMatchObject({ attempt: 1, parts: 0 });
  });

  it("never gives the files of an earlier run, nor lets a builder of theirs write", async () => {
    const old = await claimed();
    await claims().append(old, 0, bytes("old"));
    const { archive } = await archives.describe(userId, old.generationId);
    await runAgain(old.generationId);
    expect((await archives.describe(userId, old.generationId)).archive).toBeUndefined();
    const fresh = await archives.request(userId, old.generationId);
    expect(fresh).toMatchObject({ status: "queued", parts: 0 });
    const now = (await claims().claim(old.generationId))!;
    expect(now.claimToken).toBeGreaterThan(old.claimToken);
    expect(await claims().append(old, 0, bytes("old"))).toBe("fenced");
    expect(await claims().complete(old)).toBe(false);
    expect(await archives.readPart(archive!, 0)).toBeUndefined();
  });
});

describe("building", () => {
  it("gives each of 20 archives to one of many builders, oldest first", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      ids.push((await archives.request(userId, await newEnded())).generationId);
    }
    const first = await claims().claimNext();
    expect(first?.generationId).toBe(ids[0]);
    const rest = await Promise.all(Array.from({ length: 30 }, () => claims().claimNext()));
    const found = rest.filter((one) => one !== undefined).map((one) => one.generationId);
    expect([...found].sort()).toEqual(ids.slice(1).sort());
  });

  it("waits while the queue is paused", async () => {
    const { generationId } = await archives.request(userId, await newEnded());
    await schema.database.query("insert into queues (name, paused_at) values ('archive', now())");
    expect(await claims().claim(generationId)).toBeUndefined();
    expect(await claims().claimNext()).toBeUndefined();
    await schema.database.query("update queues set paused_at = null");
    expect(await claims().claimNext()).toMatchObject({ generationId, attempt: 1 });
  });

  it("shows each part as soon as it is stored, and counts its bytes once", async () => {
    const hold = await claimed();
    const { archive } = await archives.describe(userId, hold.generationId);
    expect(await archives.readPart(archive!, 0)).toMatchObject({ status: "building", content: null });
    expect(await claims().append(hold, 0, bytes("first"))).toBe("stored");
    expect(await claims().append(hold, 0, bytes("first"))).toBe("stored");
    expect(await claims().append(hold, 1, bytes("2nd"))).toBe("stored");
    expect(await archives.readPart(archive!, 1)).toMatchObject({
      parts: 2,
      bytes: 8,
      content: bytes("2nd"),
    });
    expect(await claims().complete(hold)).toBe(true);
    expect(await claims().complete(hold)).toBe(true);
    expect(await claims().append(hold, 2, bytes("more"))).toBe("fenced");
    expect(await archives.readPart(archive!, 2)).toMatchObject({ status: "ready", parts: 2, content: null });
  });

  it("never puts other bytes in the place of a part, and leaves none out", async () => {
    const hold = await claimed();
    await claims().append(hold, 0, bytes("first"));
    expect(await claims().append(hold, 0, bytes("other"))).toBe("differs");
    expect(await claims().append(hold, 2, bytes("third"))).toBe("fenced");
    const { archive } = await archives.describe(userId, hold.generationId);
    expect(archive).toMatchObject({ parts: 1, bytes: 5 });
  });

  it("goes on under the same name after a builder that died, and fences that one", async () => {
    const dead = await claimed({ leaseMs: 1 });
    await claims().append(dead, 0, bytes("first"));
    const { archive } = await archives.describe(userId, dead.generationId);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await claims({ leaseMs: 1 }).sweep()).toEqual({ requeued: [dead.generationId], failed: [] });
    const heir = (await claims().claimNext())!;
    expect(heir).toMatchObject({ attempt: 2, parts: 1 });
    expect(await claims().append(dead, 1, bytes("late"))).toBe("fenced");
    expect(await claims().heartbeat([dead, heir])).toEqual([
      { generationId: heir.generationId, claimToken: heir.claimToken },
    ]);
    expect(await claims().append(heir, 0, bytes("first"))).toBe("stored");
    expect(await claims().append(heir, 1, bytes("second"))).toBe("stored");
    expect(await archives.readPart(archive!, 1)).toMatchObject({ bytes: 11, content: bytes("second") });
  });

  it("is given up after three builders that died; one that is handed back costs no try", async () => {
    const { generationId } = await archives.request(userId, await newEnded());
    const hurried = claims({ leaseMs: 1 });
    const back = (await hurried.claim(generationId))!;
    expect(await hurried.handBack(back)).toBe(true);
    expect(await hurried.handBack(back)).toBe(false);
    const swept = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await hurried.claim(generationId)).toMatchObject({ attempt });
      await new Promise((resolve) => setTimeout(resolve, 20));
      swept.push(await hurried.sweep());
    }
    expect(swept.at(-1)).toEqual({ requeued: [], failed: [generationId] });
    const { archive } = await archives.describe(userId, generationId);
    expect(archive).toMatchObject({ status: "failed", error: { code: "worker_lost" } });
  });

  it("leaves alone what waits for the files of a run that goes on", async () => {
    const { generationId } = await archives.request(userId, await newEnded());
    await schema.database.query("update generations set status = 'queued', finished_at = null");
    expect(await claims().claim(generationId)).toBeUndefined();
  });
});

it("removes what nobody has asked for in a while, but nothing that is being built", async () => {
  const building = await claimed();
  const used = await archives.request(userId, await newEnded());
  const unused = await archives.request(userId, await newEnded());
  await schema.database.query(
    "update archives set used_at = now() - interval '25 hours' where generation_id = any($1)",
    [[building.generationId, unused.generationId]],
  );
  expect(await claims().removeUnused(24 * 3_600_000, 10)).toBe(1);
  const left = await schema.database.query<{ id: string }>("select generation_id as id from archives");
  expect(left.map(({ id }) => id).sort()).toEqual([building.generationId, used.generationId].sort());
});
