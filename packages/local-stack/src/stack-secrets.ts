import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Made up once for a data folder and kept there, readable by its owner only. */
export interface StackSecrets {
  readonly internalTokenSecret: string;
  readonly redisPassword: string;
}

export function loadStackSecrets(dataDir: string): StackSecrets {
  const path = join(dataDir, "secrets.json");
  const known = readKnown(path);
  const secrets: StackSecrets = {
    internalTokenSecret: known.internalTokenSecret ?? randomBytes(48).toString("base64url"),
    redisPassword: known.redisPassword ?? randomBytes(24).toString("hex"),
  };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  return secrets;
}

function readKnown(path: string): Partial<StackSecrets> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Partial<StackSecrets>;
  } catch {
    return {};
  }
}
