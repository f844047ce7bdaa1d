import { settings, settingValuesSchema } from "@vibe-friend/contracts/settings";
import type { Settings } from "@vibe-friend/database/repositories/settings";
import type { SettingsReader } from "../domain/ports";

/** Straight from Postgres: sign-ins are rare enough, and must not see an old setting. */
export function createDatabaseSettings(rows: Pick<Settings, "list">): SettingsReader {
  return {
    async read() {
      const readable = (await rows.list()).filter(
        ({ key, value }) => settings[key].schema.safeParse(value).success,
      );
      return settingValuesSchema.parse(Object.fromEntries(readable.map(({ key, value }) => [key, value])));
    },
  };
}
