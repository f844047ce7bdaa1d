import type { ChainableCommander } from "ioredis";
import type { PipelineAnswer, PipelineStep, RedisCommands, SetOptions } from "./redis-commands";
import { defineScripts } from "./redis-scripts";
import type { ScriptedPipeline } from "./redis-scripts";
import type { RedisClient } from "./redis-role";
import { scanKeys } from "./scan-keys";

const compareAndSetScript =
  'if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end ' +
  'redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) return 1';

const incrementScript =
  'local n = redis.call("INCR", KEYS[1]) ' +
  'if n == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end return n';

/** The commands port on an ioredis client. */
export function createClientCommands(client: RedisClient, isCluster: boolean): RedisCommands {
  const scripts = defineScripts(client);
  const commands: RedisCommands = {
    async ping() {
      // Typed as always "PONG"; a proxy in between may answer anything.
      const answer: string = await client.ping();
      if (answer !== "PONG") throw new Error(`PING was answered ${answer}`);
    },
    async get(key) {
      return (await client.get(key)) ?? undefined;
    },
    async mget(keys) {
      if (keys.length === 0) return [];
      // Keys of a Cluster lie on several nodes.
      if (isCluster) return Promise.all(keys.map((key) => commands.get(key)));
      const values = await client.mget([...keys]);
      return values.map((value) => value ?? undefined);
    },
    async set(key, value, options = {}) {
      const answer: unknown = await client.call("SET", ...setArguments(key, value, options));
      return answer === "OK";
    },
    async compareAndSet(key, { previous, next, ttlMs }) {
      const done: unknown = await client.eval(compareAndSetScript, 1, key, previous, next, wholeMs(ttlMs));
      return done === 1;
    },
    async storeLeased(key, { lease, token, value, ttlMs }) {
      return (await scripts.storeLeased(key, lease, token, value, wholeMs(ttlMs))) === 1;
    },
    async getOrSet(key, value, ttlMs) {
      return String(await scripts.getOrSet(key, value, wholeMs(ttlMs)));
    },
    async compareAndDelete(key, value) {
      return (await scripts.compareAndDelete(key, value)) === 1;
    },
    async compareAndExpire(key, value, ttlMs) {
      return (await scripts.compareAndExpire(key, value, wholeMs(ttlMs))) === 1;
    },
    async del(keys) {
      if (keys.length === 0) return 0;
      if (!isCluster) return client.del([...keys]);
      const counts = await Promise.all(keys.map((key) => client.del(key)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async unlink(keys) {
      if (keys.length === 0) return 0;
      if (!isCluster) return client.unlink([...keys]);
      const counts = await Promise.all(keys.map((key) => client.unlink(key)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    scan: (pattern) => scanKeys(client, pattern),
    async pexpire(key, ttlMs) {
      return (await client.pexpire(key, wholeMs(ttlMs))) === 1;
    },
    async incr(key, ttlMs) {
      return Number(await client.eval(incrementScript, 1, key, wholeMs(ttlMs)));
    },
    sadd: (key, members) => client.sadd(key, [...members]),
    srem: (key, members) => client.srem(key, [...members]),
    smembers: (key) => client.smembers(key),
    publish: (channel, message) => client.publish(channel, message),
    info: (section) => (section === undefined ? client.info() : client.info(section)),
    pipeline: (steps) => (isCluster ? runSideBySide(commands, steps) : runPipeline(client, steps)),
  };
  return commands;
}

function wholeMs(ttlMs: number): number {
  return Math.max(1, Math.round(ttlMs));
}

function setArguments(key: string, value: string, options: SetOptions): (string | number)[] {
  const ttl = options.ttlMs === undefined ? [] : ["PX", wholeMs(options.ttlMs)];
  const only = options.only === undefined ? [] : [options.only === "absent" ? "NX" : "XX"];
  return [key, value, ...ttl, ...only];
}

async function runPipeline(client: RedisClient, steps: readonly PipelineStep[]): Promise<PipelineAnswer[]> {
  const pipeline = client.pipeline();
  for (const step of steps) addStep(pipeline, step);
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, value]) => (error === null ? { ok: true, value } : { ok: false, error }));
}

function addStep(pipeline: ChainableCommander, step: PipelineStep): void {
  switch (step.command) {
    case "set":
      pipeline.call("SET", ...setArguments(step.key, step.value, step));
      return;
    case "get":
      pipeline.get(step.key);
      return;
    case "del":
      pipeline.del(step.key);
      return;
    case "pexpire":
      pipeline.pexpire(step.key, wholeMs(step.ttlMs));
      return;
    case "sadd":
      pipeline.sadd(step.key, step.member);
      return;
    case "srem":
      pipeline.srem(step.key, step.member);
      return;
    case "getOrSet":
      scripted(pipeline).getOrSet(step.key, step.value, wholeMs(step.ttlMs));
      return;
    case "storeLeased":
      scripted(pipeline).storeLeased(step.key, step.lease, step.token, step.value, wholeMs(step.ttlMs));
      return;
  }
}

/** A pipeline has the scripts of its client, which its type doesn't know. */
function scripted(pipeline: ChainableCommander): ScriptedPipeline {
  return pipeline as unknown as ScriptedPipeline;
}

/** For Cluster, where a pipeline can't span nodes. */
export async function runSideBySide(
  commands: RedisCommands,
  steps: readonly PipelineStep[],
): Promise<PipelineAnswer[]> {
  const settled = await Promise.allSettled(steps.map((step) => runStep(commands, step)));
  return settled.map((result) =>
    result.status === "fulfilled"
      ? { ok: true, value: result.value }
      : {
          ok: false,
          error: result.reason instanceof Error ? result.reason : new Error(String(result.reason)),
        },
  );
}

function runStep(commands: RedisCommands, step: PipelineStep): Promise<unknown> {
  switch (step.command) {
    case "set":
      return commands.set(step.key, step.value, step);
    case "get":
      return commands.get(step.key);
    case "del":
      return commands.del([step.key]);
    case "pexpire":
      return commands.pexpire(step.key, step.ttlMs);
    case "sadd":
      return commands.sadd(step.key, [step.member]);
    case "srem":
      return commands.srem(step.key, [step.member]);
    case "getOrSet":
      return commands.getOrSet(step.key, step.value, step.ttlMs);
    case "storeLeased":
      return commands.storeLeased(step.key, step);
  }
}
