import type { RedisConnectionConfig } from "../connection-config";
import { withDeadline } from "../degradation/deadline";
import type { KitLogger } from "../logger";
import type { ClientKind } from "./client-settings";
import { dropSocketTimer, openClient } from "./open-client";
import type { ClientListener } from "./open-client";
import type { RedisClient } from "./redis-role";

const farewellMs = 500;

const copies = new WeakMap<RedisClient, readonly RedisClient[]>();

/** Cuts a client and every copy that a library has taken of it. */
export function closeWithCopies(client: RedisClient): void {
  for (const one of [...(copies.get(client) ?? []), client]) one.disconnect();
}

/** Every client a role has opened, so that all of them are closed with it. */
export interface RoleClients {
  /** Opens one and lets it connect in the background. */
  open(kind: ClientKind, listener?: ClientListener): RedisClient;
  /** Says goodbye where there is somebody to hear it, and cuts the connections. */
  close(): Promise<void>;
}

/** Opens the clients of one role. */
export function createRoleClients(
  role: string,
  config: RedisConnectionConfig,
  logger: KitLogger,
): RoleClients {
  const clients = new Set<RedisClient>();

  function keep(client: RedisClient): void {
    clients.add(client);
    client.once("end", () => clients.delete(client));
  }

  return {
    open(kind, listener) {
      const name = `vibe-friend:${role}:${kind}`;
      const client = openClient(kind, config, {
        name,
        logger,
        ...(listener === undefined ? {} : { listener }),
      });
      keep(client);
      if (kind === "foreign-subscriber") handleSubscriptions(client);
      keepDuplicates(client, (copy) => {
        copy.on("error", (error: Error) => {
          logger.debug("redis client error", { client: `${name}:copy`, error: error.message });
        });
        copy.on("close", () => {
          dropSocketTimer(copy);
        });
        keep(copy);
      });
      // Failing now is no end: it tries again until it is closed.
      client.connect().catch(() => undefined);
      return client;
    },
    async close() {
      await Promise.all([...clients].map(endClient));
      clients.clear();
    },
  };
}

/** The client repeats subscriptions without looking at the outcome; a rejection would end the process. */
function handleSubscriptions(client: RedisClient): void {
  for (const method of ["subscribe", "psubscribe"] as const) {
    const original = client[method].bind(client) as (...channels: unknown[]) => Promise<unknown>;
    const handled = (...channels: unknown[]): Promise<unknown> => {
      const subscribed = original(...channels);
      subscribed.catch(() => undefined);
      return subscribed;
    };
    Object.defineProperty(client, method, { value: handled, configurable: true, writable: true });
  }
}

/** BullMQ's Worker takes copies of its client. They need an error handler and an end like any other. */
function keepDuplicates(client: RedisClient, keep: (copy: RedisClient) => void): void {
  const duplicate = client.duplicate.bind(client) as (...options: unknown[]) => RedisClient;
  const keeping = (...options: unknown[]): RedisClient => {
    const copy = duplicate(...options);
    keep(copy);
    copies.set(client, [...(copies.get(client) ?? []), copy]);
    return copy;
  };
  // Configurable, since BullMQ looks at the client through a Proxy.
  Object.defineProperty(client, "duplicate", { value: keeping, configurable: true, writable: true });
}

async function endClient(client: RedisClient): Promise<void> {
  if (client.status === "ready") await withDeadline(client.quit(), farewellMs).catch(() => undefined);
  client.disconnect();
}
