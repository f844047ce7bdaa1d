import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "./free-port";
import { startRedis, type RedisServer } from "./redis-server";
import { createSelfSignedCertificate } from "./self-signed-certificate";
import { createTemporaryDirectory } from "./temporary-directory";

/** A server that also speaks TLS, with a certificate that only those trust who are given `authorityPath`. */
export interface TlsRedis {
  /** Its plain side, for what a test asks behind the backs. */
  readonly server: RedisServer;
  /** `rediss://…` */
  readonly tlsUrl: string;
  readonly authorityPath: string;
  stop(): Promise<void>;
}

/** @returns undefined when there is no server to be had, as `startRedis` */
export async function startRedisWithTls(): Promise<TlsRedis | undefined> {
  const directory = createTemporaryDirectory("redis-tls");
  const { certificate, key } = createSelfSignedCertificate();
  const authorityPath = join(directory, "certificate.pem");
  const keyPath = join(directory, "key.pem");
  writeFileSync(authorityPath, certificate);
  writeFileSync(keyPath, key, { mode: 0o600 });
  const tlsPort = await findFreePort();
  const args = [
    ...["--tls-port", String(tlsPort), "--tls-auth-clients", "no"],
    ...["--tls-cert-file", authorityPath, "--tls-key-file", keyPath, "--tls-ca-cert-file", authorityPath],
  ];
  const server = await startRedis({ args });
  if (server === undefined) return undefined;
  return {
    server,
    tlsUrl: `rediss://:${server.password}@localhost:${tlsPort}`,
    authorityPath,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
