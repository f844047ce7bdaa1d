import { GenerationLedger } from "./history/generation-ledger";
import { connectLiveSubscriber } from "./history/live-subscriber";
import { createStoredHistory, type StoredHistory } from "./history/read-stored";
import { RevokedSessions } from "./history/revoked-sessions";
import { askProduct } from "./load/ask-product";
import { createHttpSender, type HttpSender } from "./load/http-sender";
import { registerPeople, signIn } from "./load/people";
import { createRandom, type Random } from "./load/random";
import { Traffic, type TrafficRates, type Watcher } from "./load/traffic";
import { watchMemory, type MemoryWatch } from "./measure/memory-watch";
import { SampleLog } from "./measure/samples";
import { StatusWatch } from "./measure/status-watch";
import type { DrillStack } from "./stack/drill-stack";

/** A product under load, and everybody who watches it. */
export interface Scene {
  readonly stack: DrillStack;
  readonly quick: boolean;
  readonly log: SampleLog;
  readonly traffic: Traffic;
  readonly ledger: GenerationLedger;
  readonly stored: StoredHistory;
  readonly revoked: RevokedSessions;
  readonly status: StatusWatch;
  readonly memory: MemoryWatch;
  readonly userIds: readonly string[];
  /** When attempts of generations began, by id, since it was last emptied. */
  readonly started: Map<string, number[]>;
  /** Half of what the product can do; set once that has been measured. */
  rates: TrafficRates;
  readonly onProgress: (line: string) => void;
  close(): void;
}

export interface SceneOptions {
  readonly quick: boolean;
  readonly seed: number;
  readonly admin: { readonly email: string; readonly password: string };
  readonly onProgress: (line: string) => void;
}

/** People with an open browser each. */
const peopleCount = 24;

/** Registers people, opens their sockets, and lets nobody do anything yet. */
export async function createScene(stack: DrillStack, options: SceneOptions): Promise<Scene> {
  const { quick, seed, onProgress } = options;
  const random = createRandom(seed);
  const { urls } = stack;
  const sender = createHttpSender();
  const door = { sender, urls };
  const people = await registerPeople(sender, urls, peopleCount);
  const admin = await signIn(door, options.admin.email, options.admin.password);
  const started = new Map<string, number[]>();
  const stored = createStoredHistory(stack.databaseUrl);
  const ledger = new GenerationLedger(stored);
  const log = new SampleLog();
  const watchers: Watcher[] = people.map((person, index) => ({
    person,
    subscriber: connectLiveSubscriber({
      url: urls[index % urls.length] ?? "",
      cookie: person.cookie,
      onMode: (mode, at) => {
        status.onMode(mode, at);
      },
      onStarted: (id, at) => started.set(id, [...(started.get(id) ?? []), at]),
    }),
  }));
  const status = new StatusWatch(
    () => watchers.map(({ subscriber }) => subscriber.mode()),
    () => askAdmin(door, admin.cookie, random),
  );
  const memory = watchMemory(() => stack.parts());
  const revoked = new RevokedSessions({ ...door, people, random: createRandom(seed + 1) });
  const traffic = new Traffic({ ...door, watchers, admin, random, log, ledger });
  return {
    stack,
    quick,
    log,
    traffic,
    ledger,
    stored,
    revoked,
    status,
    memory,
    userIds: people.map(({ userId }) => userId),
    started,
    rates: { reads: 0, submits: 0 },
    onProgress,
    close() {
      traffic.stop();
      revoked.close();
      status.close();
      memory.stop();
      for (const { subscriber } of watchers) subscriber.close();
      sender.close();
    },
  };
}

async function askAdmin(
  { sender, urls }: { readonly sender: HttpSender; readonly urls: readonly string[] },
  cookie: string,
  random: Random,
): ReturnType<ConstructorParameters<typeof StatusWatch>[1]> {
  const question = { method: "GET", path: "/admin/redis", headers: { cookie } } as const;
  const order = random() < 0.5 ? urls : urls.toReversed();
  const { outcome, answer } = await askProduct(sender, order, question);
  if (outcome !== "ok" || answer === undefined) return ["unknown"];
  const { items } = JSON.parse(answer.body) as {
    items: { mode: "normal" | "degraded" | "recovering" }[];
  };
  return items.map(({ mode }) => mode);
}
