/** A library that others use for the same, and what it needs beside it. Exact versions, so that runs can be compared. */
export const peerPackages = {
  bentocache: { bentocache: "1.6.1", ioredis: "5.11.1" },
  cacheable: { cacheable: "2.5.0", "@keyv/redis": "5.1.6", keyv: "5.6.0" },
  "async-cache-dedupe": { "async-cache-dedupe": "3.4.0", ioredis: "5.11.1" },
  // 10 needs Node 22; both take node-redis only.
  "connect-redis": { "connect-redis": "9.0.0", redis: "5.9.0", "express-session": "1.19.0" },
  "connect-pg-simple": { "connect-pg-simple": "10.0.0", pg: "8.23.1", "express-session": "1.19.0" },
  bullmq: { bullmq: "6.7.0", ioredis: "5.11.1" },
  // 11 and 12 need Node 22, as do 0.17 and later of the next one.
  "pg-boss": { "pg-boss": "10.4.2" },
  "graphile-worker": { "graphile-worker": "0.16.6" },
  "socket.io": { "socket.io": "4.8.4", "@socket.io/redis-adapter": "8.3.0", redis: "5.9.0" },
} as const;

export type PeerName = keyof typeof peerPackages;

/** Where a peer is, or in one line why it isn't there. */
export type PeerState =
  | { readonly kind: "installed"; readonly directory: string }
  | { readonly kind: "missing"; readonly reason: string };

export type Peers = ReadonlyMap<PeerName, PeerState>;
