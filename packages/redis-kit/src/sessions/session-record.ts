/** A session as every store holds it. Times in milliseconds since 1970, on the database's clock. */
export interface SessionRecord {
  /** public id (uuid), shown in lists; not the token and not its hash */
  readonly id: string;
  readonly userId: string;
  /** the user's session epoch when it was made; a higher one on the user ends it */
  readonly userEpoch: number;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** moves with use */
  readonly idleExpiresAt: number;
  /** never moves */
  readonly absoluteExpiresAt: number;
  readonly userAgent?: string;
  readonly ip?: string;
}

/** Who is signing in, from where. */
export interface NewSession {
  readonly userId: string;
  readonly userEpoch: number;
  readonly userAgent?: string;
  readonly ip?: string;
}
