import { generationEventSchema, type GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Problem } from "@vibe-friend/contracts/problem";
import { systemStatusSchema, type SystemStatus } from "@vibe-friend/contracts/system-status";
import type { Notification } from "@vibe-friend/contracts/notification";
import { createEventFollower, type EventFollower } from "./event-follower";
import { createLiveInbox } from "./live-inbox";
import {
  connectLiveSocket,
  type ConnectionState,
  type LiveSocket,
  type LiveSocketClient,
  type LiveSocketOptions,
} from "./live-socket";
import {
  askSocket,
  createLiveTopic,
  failFollowers,
  isLasting,
  slowestSeq,
  standsStill,
  type LiveTopic,
} from "./live-topic";

/** How the live connection is, and what the system last said about itself. The object changes with its content. */
export interface LiveStatus {
  readonly connection: ConnectionState;
  readonly system: SystemStatus | undefined;
}

export interface LiveFeed {
  follow(generationId: string, options?: FollowOptions): AsyncIterable<GenerationEvent>;
  currentStatus(): LiveStatus;
  /** Keeps the connection open while somebody listens. Returns what ends it. */
  onStatus(listener: () => void): () => void;
  /** What is unread, then what comes, each once. Keeps the connection open. Returns what ends it. */
  onNotification(listener: (notification: Notification) => void): () => void;
  /** Another person is behind the cookie: connects anew, when anybody needs it. */
  restart(): void;
  close(): void;
}

export interface FollowOptions {
  /** The last `seq` that the caller has; 0 (the default) replays the whole log. */
  readonly after?: number;
  /** Ends the stream without an error. */
  readonly signal?: AbortSignal;
}

const RETRY_MS = 1_000;
/** A subscription that stands still although the log is longer is asked for again. */
const CHECK_EVERY_MS = 3_000;
const GAP_PATIENCE_MS = 100;
/** An unused connection is kept this long, for the next one who needs it. */
const LINGER_MS = 1_000;

/** One socket for everybody who follows something, and for the system's status. */
export function createLiveFeed(options: LiveSocketOptions): LiveFeed {
  const topics = new Map<string, LiveTopic>();
  const listeners = new Set<() => void>();
  const inbox = createLiveInbox();
  let socket: LiveSocket | undefined;
  let status: LiveStatus = { connection: "idle", system: undefined };
  let check: ReturnType<typeof setInterval> | undefined;
  let linger: ReturnType<typeof setTimeout> | undefined;

  function setStatus(change: Partial<LiveStatus>): void {
    status = { ...status, ...change };
    for (const listener of listeners) listener();
  }

  function open(): void {
    clearTimeout(linger);
    if (socket !== undefined) return;
    check = setInterval(askWhereNothingMoves, CHECK_EVERY_MS);
    socket = connectLiveSocket(options, {
      onState(connection, problem) {
        setStatus({ connection });
        if (connection === "connected") for (const id of topics.keys()) ask(id);
        if (problem !== undefined) giveUp(problem);
      },
      onEvent: deliver,
      onNotification: inbox.accept,
      onStatus(system) {
        setStatus({ system: systemStatusSchema.safeParse(system).data });
      },
    });
  }

  const isUsed = () => topics.size > 0 || listeners.size > 0 || inbox.isHeard();

  function shut(): void {
    clearInterval(check);
    clearTimeout(linger);
    socket?.close();
    socket = undefined;
  }

  function shutWhenUnused(): void {
    if (isUsed()) return;
    clearTimeout(linger);
    linger = setTimeout(() => {
      shut();
      setStatus({ connection: "idle", system: undefined });
    }, LINGER_MS);
  }

  function giveUp(problem: Problem): void {
    shut();
    for (const topic of topics.values()) failFollowers(topic, problem);
  }

  function deliver(received: GenerationEvent): void {
    const event = generationEventSchema.safeParse(received).data;
    const topic = event && topics.get(event.generationId);
    if (!event || !topic) return;
    let gap = false;
    for (const follower of topic.followers) gap = follower.accept(event) === "gap" || gap;
    if (gap) fillGapSoon(event.generationId, topic);
  }

  /** What is missing may just be on its way: a replay that was asked for, overtaken by live events. */
  function fillGapSoon(id: string, topic: LiveTopic): void {
    if (topic.gapCheck !== undefined) return;
    const seq = slowestSeq(topic);
    topic.gapCheck = setTimeout(() => {
      topic.gapCheck = undefined;
      if (slowestSeq(topic) === seq) ask(id);
    }, GAP_PATIENCE_MS);
  }

  /** Subscribes after what the slowest follower has; the others see the rest again and skip it. */
  function ask(id: string): void {
    const topic = topics.get(id);
    const connected = socket?.connected();
    if (topic === undefined || connected === undefined) return;
    topic.askAgain = topic.asking;
    if (topic.asking) return;
    topic.asking = true;
    void subscribe(connected, id, topic).finally(() => {
      topic.asking = false;
      if (topic.askAgain && topics.get(id) === topic) ask(id);
    });
  }

  async function subscribe(connected: LiveSocketClient, id: string, topic: LiveTopic): Promise<void> {
    const asked = [...topic.followers];
    for (const follower of asked) follower.expectAcknowledgement();
    const answer = await askSocket(connected, id, slowestSeq(topic));
    if (topics.get(id) !== topic) return;
    if (answer?.ok === true) {
      for (const follower of asked) follower.acknowledge(answer);
    } else if (answer !== undefined && isLasting(answer.problem)) {
      failFollowers(topic, answer.problem);
    } else {
      setTimeout(() => {
        ask(id);
      }, RETRY_MS);
    }
  }

  function askWhereNothingMoves(): void {
    for (const [id, topic] of topics) if (standsStill(topic) && !topic.asking) ask(id);
  }

  function join(id: string, follower: EventFollower): void {
    const topic = topics.get(id) ?? createLiveTopic();
    topic.followers.add(follower);
    topics.set(id, topic);
    open();
    ask(id);
  }

  function leave(id: string, follower: EventFollower): void {
    const topic = topics.get(id);
    topic?.followers.delete(follower);
    if (topic === undefined || topic.followers.size > 0) return;
    topics.delete(id);
    socket?.connected()?.emit("generation:unsubscribe", { id }, () => undefined);
    shutWhenUnused();
  }

  return {
    async *follow(generationId, { after = 0, signal } = {}) {
      if (isAborted(signal)) return;
      const follower = createEventFollower(after);
      const stop = () => {
        follower.end();
      };
      signal?.addEventListener("abort", stop, { once: true });
      join(generationId, follower);
      try {
        for await (const event of follower.events()) {
          if (isAborted(signal)) return;
          yield event;
        }
      } finally {
        signal?.removeEventListener("abort", stop);
        leave(generationId, follower);
      }
    },
    currentStatus: () => status,
    onStatus(listener) {
      listeners.add(listener);
      if (status.connection !== "refused") open();
      return () => {
        listeners.delete(listener);
        shutWhenUnused();
      };
    },
    onNotification(listener) {
      const stop = inbox.subscribe(listener);
      if (status.connection !== "refused") open();
      return () => {
        stop();
        shutWhenUnused();
      };
    },
    restart() {
      shut();
      setStatus({ connection: "idle", system: undefined });
      inbox.reset();
      if (isUsed()) open();
    },
    close() {
      shut();
      for (const topic of topics.values()) for (const follower of topic.followers) follower.end();
      topics.clear();
      setStatus({ connection: "idle", system: undefined });
    },
  };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
