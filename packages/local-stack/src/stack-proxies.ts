import { startFaultProxy, type FaultProxy } from "./fault-proxy";

/** What can happen on the way to one server, for all services at once or for one alone. */
export interface ProxyGroup extends Pick<
  FaultProxy,
  "slow" | "blackHole" | "refuse" | "reset" | "halfClose" | "heal"
> {
  /** The way of one service, as `api-gateway-2`. @throws {Error} when it has none */
  of(service: string): FaultProxy;
}

/** Every service's own ways to the servers. */
export interface StackProxies {
  readonly redis: ProxyGroup;
  readonly postgres: ProxyGroup;
}

/** The proxies of a stack, opened for each service as it is started. */
export interface ProxyTable extends StackProxies {
  /** @returns the servers' addresses as this service is to be told */
  open(service: string, env: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Addresses that lead to a server, and the server they lead to. */
const variables = {
  redis: ["REDIS_URL", "REDIS_CACHE_URL"],
  postgres: ["DATABASE_URL", "DATABASE_DIRECT_URL"],
} as const;

/** @param isWanted without proxies every call of a group says how to get them */
export function createProxyTable(isWanted: boolean): ProxyTable {
  const redis = createGroup(isWanted);
  const postgres = createGroup(isWanted);
  return {
    redis,
    postgres,
    async open(service, env) {
      if (!isWanted) return {};
      return {
        ...(await redirect(redis.lead(service), variables.redis, env)),
        ...(await redirect(postgres.lead(service), variables.postgres, env)),
      };
    },
    async close() {
      await Promise.all([redis.close(), postgres.close()]);
    },
  };
}

type Lead = (port: number) => Promise<FaultProxy>;

async function redirect(
  lead: Lead,
  names: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const changed: Record<string, string> = {};
  for (const name of names) {
    const address = env[name];
    if (address === undefined || !URL.canParse(address)) continue;
    const url = new URL(address);
    if (url.hostname !== "127.0.0.1") continue;
    const { port } = await lead(Number(url.port));
    changed[name] = address.replace(`127.0.0.1:${url.port}`, `127.0.0.1:${port}`);
  }
  return changed;
}

function createGroup(
  isWanted: boolean,
): ProxyGroup & { lead(service: string): Lead; close(): Promise<void> } {
  // By service; two variables with the same address share one proxy.
  const proxies = new Map<string, Map<number, FaultProxy>>();

  function all(): FaultProxy[] {
    if (!isWanted) throw new Error("this stack has no proxies; start it with proxies: true");
    return [...proxies.values()].flatMap((byPort) => [...byPort.values()]);
  }

  function each(act: (proxy: FaultProxy) => void): () => void {
    return () => {
      all().forEach(act);
    };
  }

  return {
    of(service) {
      const [proxy] = proxies.get(service)?.values() ?? [];
      if (isWanted && proxy !== undefined) return proxy;
      throw new Error(`no proxy of ${service}; there are ${[...proxies.keys()].join(", ")}`);
    },
    slow(delayMs) {
      each((proxy) => {
        proxy.slow(delayMs);
      })();
    },
    blackHole: each((proxy) => {
      proxy.blackHole();
    }),
    refuse: each((proxy) => {
      proxy.refuse();
    }),
    reset: each((proxy) => {
      proxy.reset();
    }),
    halfClose: each((proxy) => {
      proxy.halfClose();
    }),
    heal: each((proxy) => {
      proxy.heal();
    }),
    lead: (service) => async (port) => {
      const byPort = proxies.get(service) ?? new Map<number, FaultProxy>();
      proxies.set(service, byPort);
      const proxy = byPort.get(port) ?? (await startFaultProxy({ port }));
      byPort.set(port, proxy);
      return proxy;
    },
    async close() {
      await Promise.all(
        [...proxies.values()].flatMap((byPort) => [...byPort.values()]).map((p) => p.close()),
      );
    },
  };
}
