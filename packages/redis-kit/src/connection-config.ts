/** A server by name and port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** How one role reaches its Redis. All durations in milliseconds; they end what nobody waits for, a guard's deadline the rest. */
export interface RedisConnectionConfig {
  readonly disabled: false;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** DB index; 0 in Cluster */
  readonly database: number;
  readonly tls: boolean;
  /** PEM text of the authority that signed the server's certificate; without it those Node knows */
  readonly tlsCa?: string;
  readonly sentinel?: { readonly name: string; readonly nodes: readonly HostPort[] };
  readonly clusterNodes?: readonly HostPort[];
  /**
   * At most so many connections for commands. One is used while it keeps up, others are opened when every one has
   * more than 256 unanswered commands, and closed after 60 s without use. In Cluster it is one to each node.
   */
  readonly poolSize: number;
  /** so many of them are opened at the start and stay */
  readonly minIdleConnections: number;
  /** of an inspection's questions, when their connection is lost; nothing else is sent twice */
  readonly maxRetries: number;
  /** of an inspection's connection; all others start a new attempt after 1 s at most */
  readonly dialTimeoutMs: number;
  /** of an inspection's command; one of the role's own ends after 1 s at most */
  readonly readTimeoutMs: number;
  /** of a command on the connections of queues and limits */
  readonly writeTimeoutMs: number;
  /** start although the state role's server evicts */
  readonly allowEviction: boolean;
}

/** A role, or the decision to run without it. */
export type RedisRoleConfig = RedisConnectionConfig | { readonly disabled: true };
