import { RedisFault } from "../errors";
import type { RedisClient } from "./redis-role";

/** Resolves when a client that is connecting has connected. @throws {RedisFault} unreachable, when this attempt has failed */
export function waitUntilReady(client: RedisClient): Promise<void> {
  if (client.status === "ready") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onReady = () => {
      client.off("close", onClose);
      resolve();
    };
    const onClose = () => {
      client.off("ready", onReady);
      reject(new RedisFault("unreachable", "the connection could not be made"));
    };
    client.once("ready", onReady);
    client.once("close", onClose);
  });
}
