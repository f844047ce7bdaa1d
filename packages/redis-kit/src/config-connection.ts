import { readFileSync } from "node:fs";
import type { HostPort, RedisConnectionConfig, RedisRoleConfig } from "./connection-config";
import type { EnvReader } from "./config-fields";
import { readRedisUrl } from "./config-url";
import type { Endpoint } from "./config-url";

/** Several servers that are one Redis. */
interface Topology {
  readonly sentinel?: NonNullable<RedisConnectionConfig["sentinel"]>;
  readonly clusterNodes?: readonly HostPort[];
}

const portRange = { min: 1, max: 65535 };

/**
 * Reads REDIS_* (the state role), or with `inherited` REDIS_CACHE_*: the cache role takes over what it
 * doesn't name. A URL speaks for itself, so with REDIS_CACHE_URL no place, user or password is taken over.
 */
export function readConnection(
  reader: EnvReader,
  options: { readonly allowEviction: boolean; readonly inherited?: RedisRoleConfig },
): RedisRoleConfig {
  const prefix = options.inherited === undefined ? "REDIS_" : "REDIS_CACHE_";
  const url = reader.text(`${prefix}URL`);
  if (url?.toLowerCase() === "none") return { disabled: true };

  const named = readEndpoint(reader, prefix);
  const ownTopology = readTopology(reader, prefix);
  const namesPlace = [url, named.host, ownTopology.sentinel, ownTopology.clusterNodes].some(isDefined);
  if (options.inherited?.disabled === true && !namesPlace) return { disabled: true };

  const defaults = options.inherited?.disabled === false ? options.inherited : undefined;
  const endpoint: Endpoint =
    url === undefined
      ? { ...pickEndpoint(defaults), ...named }
      : { ...named, ...readRedisUrl(reader, `${prefix}URL`) };
  if (named.tls !== undefined && named.tls !== endpoint.tls) {
    reader.fail({
      variable: `${prefix}TLS`,
      given: reader.text(`${prefix}TLS`) ?? "",
      allowed: `what ${prefix}URL says (rediss:// is with TLS, redis:// without), or nothing`,
    });
  }
  const topology =
    namesPlace || named.port !== undefined ? ownTopology : { ...pickTopology(defaults), ...ownTopology };
  const database = endpoint.database ?? 0;
  const tls = endpoint.tls ?? false;
  if (topology.clusterNodes !== undefined && database !== 0) {
    reader.fail({
      variable: `${prefix}DB`,
      given: String(database),
      allowed: "0, the only one a Cluster has",
    });
  }
  return {
    disabled: false,
    ...endpoint,
    host: endpoint.host ?? "localhost",
    port: endpoint.port ?? 6379,
    database,
    tls,
    ...(tls ? readAuthority(reader, prefix, url === undefined ? defaults : undefined) : {}),
    ...topology,
    ...readLimits(reader, prefix, defaults),
    allowEviction: options.allowEviction,
  };
}

function isDefined(value: unknown): boolean {
  return value !== undefined;
}

function readEndpoint(reader: EnvReader, prefix: string): Endpoint {
  const host = reader.text(`${prefix}HOST`);
  if (host !== undefined && !/^[A-Za-z0-9_.:-]{1,253}$/.test(host)) {
    reader.fail({
      variable: `${prefix}HOST`,
      given: host,
      allowed: "a host name or an address, without a port",
    });
  }
  return withoutUndefined({
    host,
    port: reader.integer(`${prefix}PORT`, portRange),
    username: reader.text(`${prefix}USERNAME`),
    password: reader.text(`${prefix}PASSWORD`),
    database: reader.integer(`${prefix}DB`, { min: 0, max: 9999 }),
    tls: reader.text(`${prefix}TLS`) === undefined ? undefined : reader.boolean(`${prefix}TLS`, false),
  });
}

/** Read here and not at the first connection, so that a wrong path is told with all the other faults. */
function readAuthority(
  reader: EnvReader,
  prefix: string,
  defaults: RedisConnectionConfig | undefined,
): Pick<RedisConnectionConfig, "tlsCa"> {
  const path = reader.text(`${prefix}TLS_CA`);
  if (path === undefined) return withoutUndefined({ tlsCa: defaults?.tlsCa });
  try {
    const tlsCa = readFileSync(path, "utf8");
    if (tlsCa.includes("-----BEGIN CERTIFICATE-----")) return { tlsCa };
  } catch {
    // Falls through to the fault.
  }
  const allowed = "the path of a readable PEM file with the certificate of the authority";
  reader.fail({ variable: `${prefix}TLS_CA`, given: path, allowed });
  return {};
}

function readTopology(reader: EnvReader, prefix: string): Topology {
  const sentinels = readNodes(reader, `${prefix}SENTINELS`);
  const name = reader.text(`${prefix}SENTINEL_NAME`);
  const clusterNodes = readNodes(reader, `${prefix}CLUSTER_NODES`);
  if (sentinels !== undefined && name === undefined) {
    reader.fail({ variable: `${prefix}SENTINEL_NAME`, given: "", allowed: "the name of the watched master" });
  }
  if (sentinels !== undefined && clusterNodes !== undefined) {
    const allowed = `either ${prefix}SENTINELS or ${prefix}CLUSTER_NODES`;
    reader.fail({ variable: `${prefix}CLUSTER_NODES`, given: describeNodes(clusterNodes), allowed });
  }
  return withoutUndefined({
    sentinel: sentinels === undefined ? undefined : { name: name ?? "", nodes: sentinels },
    clusterNodes,
  });
}

function readNodes(reader: EnvReader, variable: string): readonly HostPort[] | undefined {
  const given = reader.text(variable);
  if (given === undefined) return undefined;
  const nodes: HostPort[] = [];
  for (const part of given.split(",")) {
    const [, host, port] = /^(?:\[?([^[\]\s,@/]+?)\]?):(\d{1,5})$/.exec(part.trim()) ?? [];
    if (host === undefined || port === undefined || Number(port) < 1 || Number(port) > portRange.max) {
      reader.fail({ variable, given, allowed: "host:port,host:port" });
      return undefined;
    }
    nodes.push({ host, port: Number(port) });
  }
  return nodes;
}

function describeNodes(nodes: readonly HostPort[]): string {
  return nodes.map((node) => `${node.host}:${node.port}`).join(",");
}

function readLimits(reader: EnvReader, prefix: string, defaults: RedisConnectionConfig | undefined) {
  const duration = (name: string, fallback: string, inheritedMs: number | undefined) =>
    inheritedMs !== undefined && reader.text(`${prefix}${name}`) === undefined
      ? inheritedMs
      : reader.duration(`${prefix}${name}`, fallback);
  return {
    poolSize: reader.integer(`${prefix}POOL_SIZE`, { min: 1, max: 1000 }) ?? defaults?.poolSize ?? 10,
    minIdleConnections:
      reader.integer(`${prefix}MIN_IDLE_CONNS`, { min: 0, max: 1000 }) ?? defaults?.minIdleConnections ?? 0,
    maxRetries: reader.integer(`${prefix}MAX_RETRIES`, { min: 0, max: 100 }) ?? defaults?.maxRetries ?? 3,
    dialTimeoutMs: duration("DIAL_TIMEOUT", "5s", defaults?.dialTimeoutMs),
    readTimeoutMs: duration("READ_TIMEOUT", "3s", defaults?.readTimeoutMs),
    writeTimeoutMs: duration("WRITE_TIMEOUT", "3s", defaults?.writeTimeoutMs),
  };
}

function pickEndpoint(config: RedisConnectionConfig | undefined): Endpoint {
  if (config === undefined) return {};
  const { host, port, username, password, database, tls } = config;
  return withoutUndefined({ host, port, username, password, database, tls });
}

function pickTopology(config: RedisConnectionConfig | undefined): Topology {
  return withoutUndefined({ sentinel: config?.sentinel, clusterNodes: config?.clusterNodes });
}

/** Leaves out what is undefined, so that spreading it over defaults keeps them. */
function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isDefined(value))) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
