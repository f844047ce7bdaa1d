import { runCommand, wrapEveryCommand } from "../connection/every-command";
import type { MemoryServer, MemoryServerState } from "./memory-server";

/** One process's way to a server in memory, to be cut off alone. */
export interface MemoryLink extends MemoryServer {
  /** "down": refused; "frozen": what is sent arrives when the link is "up" again; other processes notice nothing. */
  cut(how: "down" | "frozen"): void;
  heal(): void;
}

/** Give each process a link of its own, and they share the server behind it. */
export function createMemoryLink(server: MemoryServer): MemoryLink {
  const listeners = new Set<() => void>();
  let own: MemoryServerState = "up";
  let healed = Promise.resolve();
  let heal: () => void = () => undefined;
  server.onRestart(announce);

  function announce(): void {
    for (const listener of [...listeners]) listener();
  }

  async function pass(): Promise<void> {
    if (own === "frozen") await healed;
    if (own === "down") throw new Error("connect ECONNREFUSED 127.0.0.1:6379");
  }

  const commands = wrapEveryCommand(
    server.commands,
    (name) =>
      async (...parameters) => {
        await pass();
        return runCommand(server.commands, name, parameters);
      },
    async function* scan(pattern) {
      await pass();
      yield* server.commands.scan(pattern);
    },
  );

  return {
    ...server,
    get state() {
      return own === "up" ? server.state : own;
    },
    commands,
    onRestart(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cut(how) {
      if (own === how) return;
      heal();
      own = how;
      if (how === "frozen") {
        healed = new Promise((resolve) => {
          heal = resolve;
        });
      }
      if (how === "down") announce();
    },
    heal() {
      const wasDown = own === "down";
      own = "up";
      heal();
      if (wasDown) announce();
    },
  };
}
