import type { DrillStack } from "../stack/drill-stack";
import { nothing, type Fault } from "./fault";

/** What can happen to processes other than Redis. */
export const processFaults: readonly Fault[] = [
  {
    name: "postgres-killed",
    title: "Postgres killed (kill -9), restarted",
    lastsMs: 3_000,
    quickLastsMs: 1_000,
    inject: (stack) => stack.kill("postgres", "SIGKILL"),
    heal: (stack) => stack.restart("postgres"),
  },
  {
    name: "worker-killed",
    title: "worker killed (kill -9), 1 of 3",
    // Longer than the lease: its generations must not have to wait for its return.
    lastsMs: 11_000,
    quickLastsMs: 9_000,
    worker: "generation-worker-2",
    inject: (stack) => stack.kill("generation-worker-2", "SIGKILL"),
    heal: (stack) => stack.restart("generation-worker-2"),
  },
  {
    name: "worker-stopped",
    title: "worker told to stop (SIGTERM), 1 of 3",
    lastsMs: 5_000,
    quickLastsMs: 2_000,
    worker: "generation-worker-3",
    inject: (stack) => stack.kill("generation-worker-3", "SIGTERM"),
    heal: (stack) => stack.restart("generation-worker-3"),
  },
  {
    name: "gateway-killed",
    title: "gateway killed (kill -9), 1 of 2",
    lastsMs: 5_000,
    quickLastsMs: 2_000,
    inject: (stack) => stack.kill("api-gateway-1", "SIGKILL"),
    heal: (stack) => stack.restart("api-gateway-1"),
  },
  {
    name: "notification-killed",
    title: "notification node killed, 1 of 2",
    lastsMs: 5_000,
    quickLastsMs: 2_000,
    inject: (stack) => stack.kill("notification-1", "SIGKILL"),
    heal: (stack) => stack.restart("notification-1"),
  },
  {
    name: "auth-and-cache-killed",
    title: "auth and cache killed, the only ones",
    lastsMs: 5_000,
    quickLastsMs: 2_000,
    inject: async (stack) => {
      await Promise.all([stack.kill("auth", "SIGKILL"), stack.kill("cache", "SIGKILL")]);
    },
    heal: async (stack) => {
      await Promise.all([stack.restart("auth"), stack.restart("cache")]);
    },
  },
  {
    name: "rolling-restart",
    title: "every service restarted in turn",
    lastsMs: 0,
    quickLastsMs: 0,
    inject: restartEverything,
    heal: nothing,
  },
];

/** As an operator rolls out a version: SIGTERM, and the next one only when this one is ready again. */
async function restartEverything(stack: DrillStack): Promise<void> {
  const services = (await stack.parts()).filter(({ kind, name }) => kind === "service" && name !== "console");
  for (const { name } of services) await stack.restart(name);
}
