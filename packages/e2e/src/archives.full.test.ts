import { downloadArchive, storeLargeResult, withDatabase } from "./large-results";
import { registerPerson, type Person } from "./person";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const MIB = 1024 * 1024;

describe("A large archive", () => {
  const running = useStack({ workers: 2, restarts: false });

  const forget = (id: string) =>
    withDatabase(running.stack, (client) =>
      client.query("delete from archives where generation_id = $1", [id]),
    );

  /** The worker that builds it, once `parts` parts are there. */
  async function findBuilder(id: string, parts: number): Promise<string> {
    const pid = await withDatabase(running.stack, (client) =>
      waitFor(
        "a builder in its middle",
        async () => {
          const { rows } = await client.query<{ claimed_by: string }>(
            "select claimed_by from archives where generation_id = $1 and parts >= $2 and status = 'building'",
            [id, parts],
          );
          return rows[0] && Number(rows[0].claimed_by.split("-").at(-2));
        },
        { everyMs: 5 },
      ),
    );
    const worker = running.stack.parts().find((part) => part.pid === pid);
    if (worker === undefined) throw new Error(`nothing runs as ${pid}`);
    return worker.name;
  }

  async function newArchive(mib: number): Promise<{ person: Person; id: string }> {
    const person = await registerPerson(running.stack.url);
    return { person, id: await storeLargeResult(running.stack, person, mib) };
  }

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "arrives whole, the same to the byte, though its builder gets %s while it is sent",
    async (signal) => {
      const { stack } = running;
      const { person, id } = await newArchive(20);
      const downloading = downloadArchive(person, id);
      const builder = await findBuilder(id, 5);
      await stack.kill(builder, signal);
      const disturbed = await downloading;
      expect(disturbed).toMatchObject({ status: 200, contentLength: null });
      const attempts = await withDatabase(stack, (client) =>
        client.query<{ attempt: number }>("select attempt from archives where generation_id = $1", [id]),
      );
      expect(attempts.rows).toEqual([{ attempt: signal === "SIGKILL" ? 2 : 1 }]);
      await forget(id);
      const undisturbed = await downloadArchive(person, id);
      expect(disturbed.bytes).toBeGreaterThan(12 * MIB);
      expect({ ...undisturbed, contentLength: null }).toEqual(disturbed);
      await stack.restartPart(builder);
    },
    120_000,
  );

  it("is built and sent with Redis down", async () => {
    const { stack } = running;
    const { person, id } = await newArchive(4);
    await stack.kill("redis");
    try {
      const without = await downloadArchive(person, id);
      expect(without).toMatchObject({ status: 200 });
      expect(without.bytes).toBeGreaterThan(2 * MIB);
    } finally {
      await stack.restartPart("redis");
    }
  }, 60_000);

  it("waits for a worker that is added later", async () => {
    const { stack } = running;
    const { person, id } = await newArchive(4);
    const workers = ["generation-worker-1", "generation-worker-2"];
    for (const worker of workers) await stack.kill(worker, "SIGTERM");
    const downloading = downloadArchive(person, id);
    for (const worker of workers) await stack.restartPart(worker);
    expect(await downloading).toMatchObject({ status: 200 });
  }, 60_000);
});
