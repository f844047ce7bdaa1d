import { systemClock } from "../clock";
import type { Clock } from "../clock";
import { runSideBySide } from "../connection/client-commands";
import type { RedisCommands } from "../connection/redis-commands";
import type { RedisSubscriber, SubscriberListener } from "../connection/redis-role";

/** How the double behaves: as a server that is up, gone, stopped (SIGSTOP) or out of memory. */
export type MemoryServerState = "up" | "down" | "frozen" | "full";

/** A Redis in memory that several roles ("processes") can share, with the faults a real one has. */
export interface MemoryServer {
  readonly state: MemoryServerState;
  /** Going "up" from "frozen" runs what was sent meanwhile, also what nobody waits for any more. */
  become(state: MemoryServerState): void;
  flushAll(): void;
  /** As INFO tells it; another one after every restart. */
  runId(): string;
  /** Everything stored, to be brought back with `restore`. */
  dump(): MemoryDump;
  /** Comes up as another server (another run_id) that holds this dump; without one it is empty. */
  restore(dump?: MemoryDump): void;
  onRestart(listener: () => void): () => void;
  /** What is stored under a key, as text; for tests that look behind the curtain. */
  peek(key: string): string | undefined;
  poke(key: string, value: string): void;
  keys(): string[];
  readonly commands: RedisCommands;
  subscribe(listener: SubscriberListener): RedisSubscriber;
}

interface Stored {
  value: string | Set<string>;
  expiresAt: number;
}

/** What a server held at some moment. */
export type MemoryDump = ReadonlyMap<string, Stored>;

/** An empty server that is up. */
export function createMemoryServer(clock: Clock = systemClock): MemoryServer {
  const values = new Map<string, Stored>();
  const subscribers = new Map<SubscriberListener, Set<string>>();
  let state: MemoryServerState = "up";
  let thawed = Promise.resolve();
  let thaw: () => void = () => undefined;
  let restarts = 0;
  const restartListeners = new Set<() => void>();

  function find(key: string): Stored | undefined {
    const stored = values.get(key);
    if (stored !== undefined && stored.expiresAt <= clock()) values.delete(key);
    return values.get(key);
  }

  function readText(key: string): string | undefined {
    const value = find(key)?.value;
    if (value instanceof Set)
      throw new Error("WRONGTYPE Operation against a key holding the wrong kind of value");
    return value;
  }

  function readSet(key: string): Set<string> {
    const value = find(key)?.value;
    if (typeof value === "string")
      throw new Error("WRONGTYPE Operation against a key holding the wrong kind of value");
    return value ?? new Set();
  }

  function store(key: string, value: Stored["value"], ttlMs = Infinity): void {
    values.set(key, { value, expiresAt: clock() + ttlMs });
  }

  function forget(keys: readonly string[]): number {
    return keys.filter((key) => find(key) !== undefined && values.delete(key)).length;
  }

  /** Lets a command through when the server would. */
  async function run<T>(kind: "read" | "write", command: () => T): Promise<T> {
    if (state === "frozen") await thawed;
    if (state === "down") throw new Error("connect ECONNREFUSED 127.0.0.1:6379");
    if (state === "full" && kind === "write") {
      throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
    }
    return command();
  }

  function copy(stored: Stored): Stored {
    return { ...stored, value: stored.value instanceof Set ? new Set(stored.value) : stored.value };
  }

  function announceRestart(): void {
    for (const listener of restartListeners) listener();
  }

  const commands: RedisCommands = {
    ping: () => run("read", () => undefined),
    get: (key) => run("read", () => readText(key)),
    mget: (keys) => run("read", () => keys.map(readText)),
    set: (key, value, { ttlMs, only } = {}) =>
      run("write", () => {
        const exists = find(key) !== undefined;
        if ((only === "absent" && exists) || (only === "present" && !exists)) return false;
        store(key, value, ttlMs);
        return true;
      }),
    compareAndSet: (key, { previous, next, ttlMs }) =>
      run("write", () => {
        if (readText(key) !== previous) return false;
        store(key, next, ttlMs);
        return true;
      }),
    storeLeased: (key, { lease, token, value, ttlMs }) =>
      run("write", () => {
        if (readText(lease) !== token) return false;
        store(key, value, ttlMs);
        return values.delete(lease);
      }),
    getOrSet: (key, value, ttlMs) =>
      run("write", () => {
        const text = readText(key) ?? value;
        store(key, text, ttlMs);
        return text;
      }),
    compareAndDelete: (key, value) => run("read", () => readText(key) === value && values.delete(key)),
    compareAndExpire: (key, value, ttlMs) =>
      run("read", () => {
        if (readText(key) !== value) return false;
        store(key, value, ttlMs);
        return true;
      }),
    del: (keys) => run("read", () => forget(keys)),
    unlink: (keys) => run("read", () => forget(keys)),
    async *scan(pattern) {
      const matching = patternToRegExp(pattern);
      yield await run("read", () => [...values.keys()].filter((key) => matching.test(key)));
    },
    pexpire: (key, ttlMs) =>
      run("read", () => {
        const stored = find(key);
        if (stored !== undefined) stored.expiresAt = clock() + ttlMs;
        return stored !== undefined;
      }),
    incr: (key, ttlMs) =>
      run("write", () => {
        const stored = find(key);
        const sum = Number(readText(key) ?? 0) + 1;
        if (stored === undefined) store(key, String(sum), ttlMs);
        else stored.value = String(sum);
        return sum;
      }),
    sadd: (key, members) =>
      run("write", () => {
        const set = readSet(key);
        const before = set.size;
        for (const member of members) set.add(member);
        if (find(key) === undefined) store(key, set);
        return set.size - before;
      }),
    srem: (key, members) => run("read", () => members.filter((member) => readSet(key).delete(member)).length),
    smembers: (key) => run("read", () => [...readSet(key)]),
    publish: (channel, message) =>
      run("read", () => {
        const receivers = [...subscribers].filter(([, channels]) => channels.has(channel));
        for (const [listener] of receivers) {
          queueMicrotask(() => {
            listener.onMessage(channel, message);
          });
        }
        return receivers.length;
      }),
    info: () =>
      run("read", () => "role:master\r\nmaxmemory_policy:noeviction\r\nmaxmemory:0\r\nused_memory:0\r\n"),
    pipeline: (steps) => runSideBySide(commands, steps),
  };

  return {
    get state() {
      return state;
    },
    become(next) {
      const lost = next === "down" || state === "down";
      if (state === "down" && next !== "down") restarts += 1;
      if (next === "frozen") {
        thawed = new Promise((resolve) => {
          thaw = resolve;
        });
      }
      state = next;
      if (next !== "frozen") thaw();
      if (lost) announceRestart();
      if (lost) for (const listener of subscribers.keys()) listener.onGap();
    },
    runId: () => `memory-server-${restarts}`,
    dump: () => new Map([...values].map(([key, stored]) => [key, copy(stored)])),
    restore(dump = new Map()) {
      restarts += 1;
      values.clear();
      for (const [key, stored] of dump) values.set(key, copy(stored));
      announceRestart();
    },
    onRestart(listener) {
      restartListeners.add(listener);
      return () => restartListeners.delete(listener);
    },
    flushAll: () => {
      values.clear();
    },
    peek: readText,
    poke: (key, value) => {
      store(key, value);
    },
    keys: () => [...values.keys()].filter((key) => find(key) !== undefined),
    commands,
    subscribe(listener) {
      const channels = new Set<string>();
      subscribers.set(listener, channels);
      return {
        async subscribe(channel) {
          channels.add(channel);
          await run("read", () => undefined);
        },
        unsubscribe(channel) {
          channels.delete(channel);
          return Promise.resolve();
        },
        close() {
          subscribers.delete(listener);
          return Promise.resolve();
        },
      };
    },
  };
}

/** Stars and escaped characters, which is all redis-kit asks with. */
function patternToRegExp(pattern: string): RegExp {
  const parts = pattern.match(/\\.|\*|[^\\*]+/gs) ?? [];
  const sources = parts.map((part) => {
    if (part === "*") return ".*";
    return (part.startsWith("\\") ? part.slice(1) : part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${sources.join("")}$`, "s");
}
