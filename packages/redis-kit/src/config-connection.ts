import type { RedisRoleConfig } from "./config";
import type { EnvReader } from "./config-fields";

export interface ReadConnection {
  readonly config: RedisRoleConfig;
}

export function readConnection(
  reader: EnvReader,
  options: { allowEviction: boolean; inherited?: ReadConnection },
): ReadConnection {
  throw new Error(`not yet ${String(reader)} ${options.allowEviction}`);
}
