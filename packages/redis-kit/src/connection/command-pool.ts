import { withoutRedisBudget } from "../degradation/budget";
import { withDeadline } from "../degradation/deadline";
import { RedisFault } from "../errors";
import type { KitLogger } from "../logger";
import { openLane } from "./command-lane";
import type { CommandLane, LaneOptions, LaneOwner } from "./command-lane";
import { createLaneChoice } from "./lane-choice";
import type { RedisCommands } from "./redis-commands";
import { runCommand, wrapEveryCommand } from "./every-command";
import type { AnyCommand } from "./every-command";
import { createServerIdentity } from "./server-identity";
import type { ServerIdentity } from "./server-identity";

/**
 * Another connection is opened when every one has more unanswered commands than this. Measured with 1, 2, 4 and 10
 * connections on loopback: up to 64 callers one is the cheapest, at 512 two are, and ten cost this process half as
 * much again per command, since fewer leave and come together.
 */
const crowdedAt = 256;
/** A connection unused for so long is closed; milliseconds. It is looked for this many times meanwhile. */
const closeIdleAfterMs = 60_000;
const idleSweeps = 6;
/** Shorter than the heartbeat's own deadline, so that one dead connection of several is told from a dead server. */
const pingDeadlineMs = 400;

/** What a pool is made of. */
export interface CommandPoolOptions extends Omit<LaneOptions, "owner"> {
  /** at most so many connections; 1 in Cluster, where the client has one to each node */
  readonly maxSize: number;
  /** so many are opened at once and kept, busy or not */
  readonly minSize: number;
  /** milliseconds without use after which one is closed; default 60,000 */
  readonly idleMs?: number;
  readonly logger: KitLogger;
  /** A connection came or went. */
  readonly onChange: () => void;
}

/** A role's connections for commands. They all lead to one server, the one `identity` names. */
export interface CommandPool {
  readonly identity: Pick<ServerIdentity, "current" | "onChange">;
  /** Each goes out on the connection with the fewest unanswered ones. Messages keep their order on one connection. */
  readonly commands: RedisCommands;
  /** Asks all connections; one of several that doesn't answer is replaced. @throws why no server answers */
  ping(): Promise<void>;
  /** Asks all connections anew who answers on them. */
  askAgain(): Promise<void>;
  /** Admitted connections. */
  size(): number;
  close(): void;
}

/** Opens `minSize` connections, at least one. */
export function createCommandPool(options: CommandPoolOptions): CommandPool {
  const identity = createServerIdentity(options.logger);
  const lanes = new Map<CommandLane, { unusedSweeps: number }>();
  const choose = createLaneChoice();
  let admitted: CommandLane[] = [];

  const owner: LaneOwner = {
    admit(lane, runId) {
      // The newest connection knows best: after a failover the old ones lead to a server of the past.
      for (const other of admitted) if (other.runId() !== runId) other.cut();
      identity.become(runId);
      admitted = [...admitted.filter((other) => other !== lane), lane];
    },
    lost(lane) {
      admitted = admitted.filter((other) => other !== lane);
      if (admitted.length === 0) identity.become(undefined);
    },
    changed: options.onChange,
  };

  function open(): CommandLane {
    // It outlives the request that needed it.
    const lane = withoutRedisBudget(() => openLane({ ...options, owner }));
    lanes.set(lane, { unusedSweeps: 0 });
    return lane;
  }

  function pick(): CommandLane | undefined {
    const lane = choose(admitted);
    if (lane !== undefined && lane.inFlight() > crowdedAt) growWhenCrowded();
    return lane;
  }

  /** One at a time: none while another is still being made. */
  function growWhenCrowded(): void {
    const isMaking = admitted.length < lanes.size;
    if (isMaking || lanes.size >= options.maxSize) return;
    if (admitted.every((lane) => lane.inFlight() > crowdedAt)) open();
  }

  function sweep(): void {
    for (const [lane, idle] of [...lanes].reverse()) {
      idle.unusedSweeps = lane.takeUsed() ? 0 : idle.unusedSweeps + 1;
      if (idle.unusedSweeps < idleSweeps || lanes.size <= Math.max(1, options.minSize)) continue;
      lanes.delete(lane);
      lane.close();
    }
  }

  function explain(): RedisFault {
    const faults = [...lanes.keys()].map((lane) => lane.lastFault());
    return (
      faults.find((fault) => fault !== undefined) ?? new RedisFault("unreachable", "no connection to Redis")
    );
  }

  const firstLane = open();
  while (lanes.size < options.minSize) open();
  const sweeper = setInterval(sweep, (options.idleMs ?? closeIdleAfterMs) / idleSweeps).unref();

  return {
    identity,
    commands: createPooledCommands(firstLane.commands, {
      pick,
      first: () => admitted[0],
      explain,
    }),
    async ping() {
      const asked = admitted;
      if (asked.length === 0) throw explain();
      const answers = await Promise.allSettled(
        asked.map((lane) => withDeadline(lane.ping(), pingDeadlineMs)),
      );
      const fault = answers.find((answer) => answer.status === "rejected");
      if (fault === undefined) return;
      if (answers.every((answer) => answer.status === "rejected")) throw fault.reason;
      answers.forEach(({ status }, at) => {
        if (status === "rejected") asked[at]?.cut();
      });
    },
    async askAgain() {
      await Promise.all(admitted.map((lane) => lane.askAgain()));
    },
    size: () => admitted.length,
    close() {
      clearInterval(sweeper);
      for (const lane of lanes.keys()) lane.close();
    },
  };
}

interface Choice {
  readonly pick: () => CommandLane | undefined;
  readonly first: () => CommandLane | undefined;
  readonly explain: () => RedisFault;
}

function createPooledCommands(pattern: RedisCommands, { pick, first, explain }: Choice): RedisCommands {
  const wrap = (name: keyof RedisCommands): AnyCommand => {
    const choose = name === "publish" ? first : pick;
    return (...parameters) => {
      const lane = choose();
      if (lane === undefined) return Promise.reject(explain());
      lane.touch();
      return runCommand(lane.commands, name, parameters);
    };
  };
  return wrapEveryCommand(pattern, wrap, async function* scan(glob) {
    const lane = pick();
    if (lane === undefined) throw explain();
    yield* lane.commands.scan(glob);
  });
}
