import type { RunningPart } from "@vibe-friend/local-stack/stack-file";

/** What can happen on a service's way to a server. */
export type WayChange = "slow" | "blackHole" | "refuse" | "reset" | "heal";

export interface HostStart {
  readonly dataDir: string;
  readonly workers: number;
  readonly notifiers: number;
  readonly gateways: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Where everything is, once it runs. */
export interface HostedStack {
  readonly urls: readonly string[];
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisVersion: string;
  readonly postgresVersion: string;
}

/** What the process that holds the stack can be asked for. */
export interface HostCalls {
  readonly start: (options: HostStart) => Promise<HostedStack>;
  readonly kill: (name: string, signal: NodeJS.Signals) => Promise<void>;
  readonly freeze: (name: string) => Promise<void>;
  readonly resume: (name: string) => Promise<void>;
  readonly restart: (name: string) => Promise<void>;
  readonly parts: () => Promise<readonly RunningPart[]>;
  /** `service` names the one whose way it is; "" is everybody's. */
  readonly changeWay: (
    server: "redis" | "postgres",
    service: string,
    change: { readonly to: WayChange; readonly ms?: number },
  ) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface HostRequest {
  readonly id: number;
  readonly call: keyof HostCalls;
  readonly args: readonly unknown[];
}

export interface HostAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
