import { Cluster } from "ioredis";
import { sleep, withDeadline } from "../degradation/deadline";
import { RedisFault, toRedisFault } from "../errors";
import { createClientCommands } from "./client-commands";
import { runCommand, wrapEveryCommand } from "./every-command";
import type { ClientListener } from "./open-client";
import type { RedisCommands } from "./redis-commands";
import type { RedisClient } from "./redis-role";
import { askIdentity } from "./server-identity";
import type { KnownServer } from "./server-identity";
import { createWriteBatch } from "./write-batch";

/** How long a server may take to say who it is; milliseconds. */
const askDeadlineMs = 500;
const askAgainCapMs = 1000;

/** One connection for commands. It is used only while it is admitted: while it is known who answers on it. */
export interface CommandLane {
  readonly commands: RedisCommands;
  /** `run_id` of the server it is admitted to; undefined: not to be used. */
  runId(): string | undefined;
  /** Commands sent and not answered yet, those included that nobody waits for any more. */
  inFlight(): number;
  /** Changes whenever something is answered. */
  progress(): number;
  /** Call it before each command; what one turn of the event loop sends goes out together. */
  touch(): void;
  /** Why it has no connection, or isn't admitted. */
  lastFault(): RedisFault | undefined;
  /** Asks again who answers. @throws why nobody says so; the lane stays as it is */
  askAgain(): Promise<void>;
  /** Drops the connection with all that waits on it, and makes a new one. */
  cut(): void;
  /** Sends PING; in Cluster to every master, since any of them may be the one that doesn't answer. */
  ping(): Promise<void>;
  close(): void;
  /** True once per call if it was used since the last one. */
  takeUsed(): boolean;
}

/** What is told about a lane. */
export interface LaneOwner {
  /** Who answers is known, and may be somebody else than before. The lane may be used when this returns. */
  admit(lane: CommandLane, runId: string): void;
  /** It may not be used any more. */
  lost(lane: CommandLane): void;
  /** Something happened that the heartbeat may want to look at. */
  changed(): void;
}

/** What a lane is made of. */
export interface LaneOptions {
  readonly open: (listener: ClientListener) => RedisClient;
  readonly database: number;
  readonly owner: LaneOwner;
}

/** Opens a connection and admits it as soon as the server has said who it is; asks until it has. */
export function openLane({ open, database, owner }: LaneOptions): CommandLane {
  let server: KnownServer | undefined;
  let round = 0;
  let used = false;
  let sent = 0;
  let lastFault: RedisFault | undefined;

  const client = open({
    onReady() {
      void learn();
      owner.changed();
    },
    onClose() {
      round += 1;
      dismiss();
      owner.changed();
    },
    onError(error) {
      lastFault = toRedisFault(error);
    },
  });
  const batch = client instanceof Cluster ? undefined : createWriteBatch(client);

  function dismiss(): void {
    if (server === undefined) return;
    server = undefined;
    owner.lost(lane);
  }

  async function learn(): Promise<void> {
    round += 1;
    const mine = round;
    for (let attempt = 1; mine === round && client.status === "ready"; attempt += 1) {
      try {
        const known = await withDeadline(askIdentity(client, database), askDeadlineMs);
        if (mine !== round) return;
        admit(known);
        return;
      } catch (error) {
        if (mine !== round) return;
        lastFault = toRedisFault(error);
        owner.changed();
        // A connection on which nothing comes back is worth less than a new one.
        if (lastFault.code === "timeout" && attempt === 2) cut();
        else await sleep(Math.min(askAgainCapMs, 25 * 2 ** attempt));
      }
    }
  }

  function admit(known: KnownServer): void {
    lastFault = undefined;
    owner.admit(lane, known.runId);
    server = known;
    owner.changed();
  }

  /** A Cluster's nodes have changed: nobody is believed until all masters have said who they are. */
  function doubt(): void {
    dismiss();
    void learn();
  }

  function cut(): void {
    round += 1;
    dismiss();
    if (client instanceof Cluster) client.disconnect(true);
    // Not disconnect(): that waits for the farewell of a server that may be frozen.
    else if (client.status === "ready" || client.status === "connect") client.stream.destroy();
  }

  const inFlight = () => (client instanceof Cluster ? 0 : client.commandQueue.length);

  const lane: CommandLane = {
    commands:
      client instanceof Cluster
        ? onlyWhile(() => server, createClientCommands(client, true), doubt)
        : createClientCommands(client, false),
    runId: () => server?.runId,
    inFlight,
    progress: () => sent - inFlight(),
    touch() {
      used = true;
      sent += 1;
      batch?.();
    },
    lastFault: () => lastFault,
    async askAgain() {
      const mine = round;
      let known: KnownServer;
      try {
        known = await withDeadline(askIdentity(client, database), askDeadlineMs);
      } catch (error) {
        // Cut meanwhile, perhaps because another connection was told of a new server: it is being asked anew.
        if (mine !== round) return;
        throw error;
      }
      if (mine !== round || server === undefined || known.runId === server.runId) return;
      dismiss();
      admit(known);
    },
    cut,
    async ping() {
      const nodes = client instanceof Cluster ? client.nodes("master") : [client];
      // Typed as always "PONG"; a proxy in between may answer anything.
      const answers: string[] = await Promise.all(nodes.map((node) => node.ping()));
      const odd = answers.find((answer) => answer !== "PONG");
      if (odd !== undefined) throw new RedisFault("failed", `PING was answered ${odd}`);
    },
    close() {
      round += 1;
      dismiss();
      client.disconnect();
    },
    takeUsed() {
      const was = used;
      used = false;
      return was;
    },
  };

  if (client instanceof Cluster) {
    for (const event of ["+node", "-node"] as const) {
      client.on(event, (node: { options: { readOnly?: boolean } }) => {
        if (node.options.readOnly !== true) doubt();
      });
    }
  }
  return lane;
}

/** Passes an answer on only if the same servers were known before and after: a redirection may lead to another one. */
function onlyWhile(
  current: () => KnownServer | undefined,
  commands: RedisCommands,
  onDoubt: () => void,
): RedisCommands {
  const changed = () =>
    new RedisFault("unreachable", "the Cluster's masters changed; who answers is not known");
  async function run(name: keyof RedisCommands, parameters: readonly unknown[]): Promise<unknown> {
    const before = current();
    if (before === undefined) throw changed();
    if (before.holds()) {
      const answer = await runCommand(commands, name, parameters);
      if (current() === before && before.holds()) return answer;
    }
    if (current() === before) onDoubt();
    throw changed();
  }
  return wrapEveryCommand(
    commands,
    (name) =>
      (...parameters) =>
        run(name, parameters),
    (pattern) => commands.scan(pattern),
  );
}
