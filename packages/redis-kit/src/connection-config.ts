/** A server by name and port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** How one role reaches its Redis. All durations in milliseconds; they are hard caps of background work. */
export interface RedisConnectionConfig {
  readonly disabled: false;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** DB index; 0 in Cluster */
  readonly database: number;
  readonly tls: boolean;
  readonly sentinel?: { readonly name: string; readonly nodes: readonly HostPort[] };
  readonly clusterNodes?: readonly HostPort[];
  readonly poolSize: number;
  readonly minIdleConnections: number;
  readonly maxRetries: number;
  readonly dialTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** start although the state role's server evicts */
  readonly allowEviction: boolean;
}

/** A role, or the decision to run without it. */
export type RedisRoleConfig = RedisConnectionConfig | { readonly disabled: true };
