// A process of its own: the stack's proxies and log lines must not take time from the process that measures.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { startStack, type Stack } from "@vibe-friend/local-stack/stack";
import type { HostAnswer, HostCalls, HostRequest } from "./host-calls";

let stack: Stack | undefined;
const abort = new AbortController();
const done = Promise.resolve();

const calls: HostCalls = {
  async start({ dataDir, ...options }) {
    const log = createWriteStream(join(dataDir, "stack.log"), { mode: 0o600 });
    stack = await startStack({
      ...options,
      dataDir,
      proxies: true,
      restarts: false,
      signal: abort.signal,
      onLog: (part, line) => log.write(`${part} | ${line}\n`),
      onWarning: (line) => log.write(`stack | ${line}\n`),
    });
    const { urls, databaseUrl, redis, postgres } = stack;
    if (redis === undefined) throw new Error("The drill needs a Redis, and none was found");
    return {
      urls,
      databaseUrl,
      redisUrl: redis.url,
      redisVersion: redis.version,
      postgresVersion: postgres?.version ?? "unknown",
    };
  },
  async kill(name, signal) {
    await running().kill(name, signal);
  },
  freeze(name) {
    running().freeze(name);
    return done;
  },
  resume(name) {
    running().resume(name);
    return done;
  },
  restart: (name) => running().restartPart(name),
  parts: () => Promise.resolve(running().parts()),
  changeWay(server, service, { to, ms = 0 }) {
    const group = running().proxies[server];
    const way = service === "" ? group : group.of(service);
    if (to === "slow") way.slow(ms);
    else way[to]();
    return done;
  },
  async stop() {
    abort.abort();
    await stack?.stop();
  },
};

function running(): Stack {
  if (stack === undefined) throw new Error("The stack has not been started");
  return stack;
}

async function answer({ id, call, args }: HostRequest): Promise<HostAnswer> {
  try {
    const act = calls[call] as (...given: readonly unknown[]) => Promise<unknown>;
    return { id, value: await act(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (request: HostRequest) => {
  void answer(request).then((answered) => process.send?.(answered));
});
// Whoever asked for it is gone.
process.on("disconnect", () => {
  void calls.stop().finally(() => process.exit());
});
// Ctrl-C reaches both; the one who asked ends this one in good order.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
