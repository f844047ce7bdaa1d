import { fork } from "node:child_process";
import { join } from "node:path";
import type { HostAnswer, HostCalls, HostedStack, HostStart } from "./host-calls";

/** A running product in the hands of another process. */
export interface DrillStack extends HostedStack, Omit<HostCalls, "start" | "stop"> {
  readonly dataDir: string;
  /** Ends everything in good order. */
  stop(): Promise<void>;
}

/** @throws {Error} the stack could not be started; nothing of it is left */
export async function startDrillStack(options: HostStart): Promise<DrillStack> {
  const host = fork(join(__dirname, "stack-host.js"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;

  const ended = new Promise<void>((resolve) => {
    host.once("exit", () => {
      for (const { reject } of waiting.values())
        reject(new Error("The process that holds the stack has ended"));
      waiting.clear();
      resolve();
    });
  });
  host.on("message", ({ id, value, error }: HostAnswer) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asker?.resolve(value as never);
    else asker?.reject(new Error(error));
  });

  function ask<Call extends keyof HostCalls>(
    call: Call,
    ...args: Parameters<HostCalls[Call]>
  ): ReturnType<HostCalls[Call]> {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<never>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      if (host.connected) host.send({ id, call, args });
      else reject(new Error("The process that holds the stack has ended"));
    });
    return answer as ReturnType<HostCalls[Call]>;
  }

  async function stop(): Promise<void> {
    await ask("stop").catch(() => undefined);
    if (host.connected) host.disconnect();
    await ended;
  }

  try {
    const hosted = await ask("start", options);
    return {
      ...hosted,
      dataDir: options.dataDir,
      kill: (name, signal) => ask("kill", name, signal),
      freeze: (name) => ask("freeze", name),
      resume: (name) => ask("resume", name),
      restart: (name) => ask("restart", name),
      parts: () => ask("parts"),
      changeWay: (server, service, change) => ask("changeWay", server, service, change),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
