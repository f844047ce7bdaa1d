import { connectTestRole } from "../testing/connect-test-role";
import { eventually } from "../testing/redis-faults";
import { startScriptedServer } from "../testing/scripted-server";
import type { ScriptedServer } from "../testing/scripted-server";
import type { RedisRole } from "./redis-role";

jest.setTimeout(30_000);

let server: ScriptedServer;
let role: RedisRole;

async function connect(env: Readonly<Record<string, string>> = {}): Promise<void> {
  ({ role } = await connectTestRole(server.url, env));
}

function isInfoServer([name, section]: readonly string[]): boolean {
  return name?.toUpperCase() === "INFO" && section === "server";
}

function readAnything() {
  return role.commands.get("a").catch(() => "refused");
}

beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  await role.close();
  await server.close();
});

it("knows who answers from the start", async () => {
  await connect();
  expect(role.identity()).toBe("run-1");
});

it("gives no answer of a server that has not said who it is, over many reconnects", async () => {
  await connect();
  const wrong: string[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    while (!stop.signal.aborted) {
      const before = role.identity();
      const answer = await readAnything();
      // The answer names the server that gave it.
      if (answer !== "refused" && (answer !== before || answer !== role.identity())) {
        wrong.push(`${String(answer)}, taken for ${String(before)}, now ${String(role.identity())}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let run = 2; run <= 8; run += 1) {
    server.setRunId(`run-${run}`);
    server.cutAll();
    await eventually("it is known who answers", () => role.identity() === `run-${run}`);
  }
  stop.abort();
  await reading;
  expect(wrong).toEqual([]);
});

it("tells its listeners before any command runs on the new server", async () => {
  await connect();
  const seen: string[] = [];
  role.onIdentity(() => {
    seen.push(
      `${String(role.identity())} after ${server.heard.filter((line) => line === "get late").length}`,
    );
  });
  server.setRunId("run-2");
  server.cutAll();
  let answer: string | undefined;
  await eventually("it answers again", async () => {
    answer = await role.commands.get("late").catch(() => undefined);
    return answer !== undefined;
  });
  expect(answer).toBe("run-2");
  expect(seen.slice(0, 2)).toEqual(["undefined after 0", "run-2 after 0"]);
});

it("goes on when a listener throws, and tells the others", async () => {
  await connect();
  const told = jest.fn();
  role.onIdentity(() => {
    throw new Error("a bad listener");
  });
  role.onIdentity(told);
  server.setRunId("run-2");
  server.cutAll();
  await eventually("it is known who answers", () => role.identity() === "run-2");
  expect(told).toHaveBeenCalled();
});

it("answers nothing while INFO is refused, and asks until it is told", async () => {
  let isRefused = true;
  server.setScript((command) =>
    isInfoServer(command) && isRefused
      ? { reply: "-NOPERM this user has no permissions to run 'info'\r\n" }
      : undefined,
  );
  await connect();
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "auth" });
  expect([role.identity(), await readAnything()]).toEqual([undefined, "refused"]);
  isRefused = false;
  await eventually("normal", () => role.health.status().mode === "normal");
  expect([role.identity(), await readAnything()]).toEqual(["run-1", "run-1"]);
});

it("answers nothing while INFO hangs, tries other connections, and is well once it answers", async () => {
  await connect();
  server.setScript((command) => (isInfoServer(command) ? "silence" : undefined));
  server.cutAll();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect([role.identity(), await readAnything()]).toEqual([undefined, "refused"]);
  expect(role.health.status().mode).toBe("degraded");
  const asked = server.heard.filter((line) => line === "info server").length;
  expect(asked).toBeGreaterThan(2);
  server.setScript(() => undefined);
  await eventually("normal", () => role.health.status().mode === "normal");
  expect(role.identity()).toBe("run-1");
});

it("notices that another server answers behind the same connection", async () => {
  await connect();
  const connections = server.connections();
  server.setRunId("run-2");
  await eventually("it is known", () => role.identity() === "run-2", 18_000);
  expect(server.connections()).toBe(connections);
}, 25_000);

it("uses no connection on which the DB index was refused", async () => {
  await connect({ REDIS_DB: "3" });
  server.setScript(([name]) =>
    name === "select" ? { reply: "-ERR DB index is out of range\r\n" } : undefined,
  );
  server.cutAll();
  await eventually("degraded", () => role.health.status().reason === "wrong-database");
  expect([role.identity(), await readAnything()]).toEqual([undefined, "refused"]);
});
