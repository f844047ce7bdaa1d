import { Readable } from "node:stream";
import type { Access } from "@vibe-friend/contracts/cached-values";
import type { Generation, GenerationFile } from "@vibe-friend/contracts/generation";
import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { SessionGrant, SignedIn } from "@vibe-friend/contracts/internal";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";
import { createApp, type GatewayDependencies, type GatewayOptions } from "../app";
import { createMemoryQueues } from "./memory-queues";
import { createCsrfTokens } from "../domain/csrf-token";
import { createHandOver } from "../domain/hand-over";
import type {
  Accounts,
  AdminViews,
  Feed,
  FoundSession,
  GenerationStore,
  Inboxes,
  News,
  SettingsSource,
} from "../domain/ports";
import { createMemoryArchives } from "./memory-archives";

export const userId = "01890000-0000-7000-8000-000000000001";
export const generationId = "01890000-0000-7000-8000-0000000000aa";
export const sessionToken = "t".repeat(43);
const csrfSecret = "s".repeat(32);
const at = "2026-01-01T00:00:00.000Z";

const session: SessionGrant = {
  id: "01890000-0000-7000-8000-000000000002",
  userId,
  userEpoch: 1,
  createdAt: Date.parse(at),
  lastSeenAt: Date.parse(at),
  idleExpiresAt: Date.parse(at) + 3_600_000,
  absoluteExpiresAt: Date.parse(at) + 7_200_000,
};

const user = { id: userId, email: "ada@example.org", displayName: "Ada", disabled: false, createdAt: at };

export function newGeneration(given: Partial<Generation> = {}): Generation {
  return {
    id: generationId,
    userId,
    prompt: "A library with books",
    engine: "builtin",
    model: null,
    status: "queued",
    progress: 0,
    attempt: 0,
    priority: 5,
    error: null,
    filesCount: 0,
    createdAt: at,
    startedAt: null,
    finishedAt: null,
    lastSeq: 1,
    ...given,
  };
}

export function newEvent(seq: number, body: GenerationEventBody): GenerationEvent {
  return { generationId, seq, at, ...body };
}

/** What a test may change; typed apart, so that nothing is narrowed to its first value. */
function newState(): { found: FoundSession; access: Access; heardRevocation: () => void } {
  return {
    found: { kind: "found", session, isDegraded: false },
    access: { user, roles: ["user"], permissions: ["generation:create", "generation:read"] },
    heardRevocation: () => undefined,
  };
}

/** The gateway on doubles; a test changes what it is about. */
export function createMemoryGateway(
  given: Partial<GatewayDependencies> = {},
  givenOptions: Partial<GatewayOptions> = {},
) {
  const calls: string[] = [];
  /** A text in pieces is read piece by piece. */
  const files = new Map<string, string | readonly string[]>();
  const draining = new AbortController();
  const state = {
    ...newState(),
    generation: newGeneration(),
    events: [newEvent(1, { type: "queued" })],
    queueTakes: true,
  };
  const logger = createRecordingLogger();
  const news: News = {
    queued: (id) => record(`news queued ${id}`),
    cancelled: (id) => record(`news cancelled ${id}`),
    changed: ({ generation }) => record(`news changed ${generation.id}`),
    onSessionRevoked: (_session, listener) => {
      state.heardRevocation = listener;
      return () => undefined;
    },
  };

  function record(call: string): Promise<void> {
    calls.push(call);
    return Promise.resolve();
  }

  function own(id: string): Generation {
    if (id !== generationId) throw new ProblemError("not_found");
    return state.generation;
  }

  const store: GenerationStore = {
    submit(generation) {
      calls.push(`submit ${JSON.stringify(generation)}`);
      return Promise.resolve({ generation: newGeneration(), events: [], created: true });
    },
    find: (_userId, id) => Promise.resolve(id === generationId ? state.generation : undefined),
    list: (_userId, query) => {
      calls.push(`list ${JSON.stringify(query)}`);
      return Promise.resolve({ items: [state.generation], nextCursor: null });
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
    async cancel(_userId, id) {
      const generation = { ...own(id), status: "cancelled" as const };
      return { generation, events: [newEvent(2, { type: "cancelled" })] };
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
    async retry(_userId, id) {
      return { generation: own(id), events: [newEvent(3, { type: "queued" })] };
    },
    remove: () => record("remove"),
    listFiles: () =>
      Promise.resolve([...files].map(([path, text]): GenerationFile => describeFile(path, text))),
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
    async openFile(_userId, _id, path) {
      const text = files.get(path);
      if (text === undefined) throw new ProblemError("not_found");
      return { file: describeFile(path, text), content: Readable.from([text].flat()) };
    },
  };

  const feed: Feed = {
    async follow({ after }, listener) {
      for (const event of state.events.filter(({ seq }) => seq > after)) await listener.onEvents([event]);
      return { close: () => void calls.push("feed closed") };
    },
  };

  const signedIn: SignedIn = { user, session, token: sessionToken };
  const accounts: Accounts = {
    register: (_body, from) => record(`register ${from.previousToken ?? "-"}`).then(() => signedIn),
    login: (_body, from) => record(`login ${from.previousToken ?? "-"}`).then(() => signedIn),
    redeemLink: () => Promise.resolve(signedIn),
    logout: ({ sessionId }) => record(`logout ${sessionId}`),
  };
  const settings: SettingsSource = {
    read: () => Promise.resolve({ items: [] }),
    describe: () => Promise.resolve({ stored: { items: [] }, stale: false }),
    put: ({ values }) => record(`put ${JSON.stringify(values)}`).then(() => ({ items: [] })),
  };

  const unasked = () => Promise.reject(new ProblemError("unavailable"));
  const admin: AdminViews = {
    statistics: unasked,
    users: unasked,
    cache: unasked,
    invalidateCache: unasked,
    redis: unasked,
    saveRedis: unasked,
  };

  const inboxes: Inboxes = {
    list: unasked,
    markRead: unasked,
    markAllRead: unasked,
    announce: unasked,
    tellLimit: unasked,
  };

  const handOver = createHandOver({
    queue: { add: ({ id }) => record(`queue ${id}`).then(() => state.queueTakes) },
    news,
  });
  const { app, acceptUpgrades } = createApp({
    logger,
    metrics: createMetrics("api-gateway"),
    health: createHealth(),
    sessions: { find: (token) => Promise.resolve(token === sessionToken ? state.found : { kind: "none" }) },
    access: { find: () => Promise.resolve(state.access) },
    settings,
    admin,
    inboxes,
    accounts,
    store,
    archives: createMemoryArchives().archives,
    feed,
    news,
    handOver,
    queues: createMemoryQueues(record),
    pickNode: () => Promise.resolve(undefined),
    draining: draining.signal,
    ...given,
    options: {
      version: "1.2.3",
      publicUrl: "http://localhost:8080",
      allowedOrigins: ["https://app.example.org"],
      trustedProxies: [],
      consoleUrl: "http://127.0.0.1:9",
      csrfSecret,
      overload: { maxConcurrent: 50, maxWaiting: 50, maxQueued: 0 },
      generation: {
        mode: "async",
        syncTimeoutMs: 200,
        syncWaiters: 2,
        limits: { maxOpen: 20, dailyLimit: 0 },
        hasLlm: false,
      },
      ...givenOptions,
    },
  });
  return {
    app,
    acceptUpgrades,
    state,
    files,
    calls,
    logger,
    draining,
    handOver,
    cookie: `gvf_session=${sessionToken}`,
    csrfToken: createCsrfTokens(csrfSecret).tokenFor(session.id),
  };
}

function describeFile(path: string, text: string | readonly string[]): GenerationFile {
  return { path, bytes: Buffer.byteLength([text].flat().join("")), sha256: "a".repeat(64), partial: false };
}
