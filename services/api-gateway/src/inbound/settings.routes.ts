import { describeSettings } from "../domain/describe-settings";
import type { SettingsSource } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { describeCaller } from "./caller";

export function createSettingsRoutes(
  settings: SettingsSource,
): Pick<RouteHandlers, "getSettings" | "putSettings"> {
  return {
    async getSettings({ principal }, _request, response) {
      const { stored, stale } = await settings.describe(principal);
      response.json(describeSettings(stored, stale));
    },
    async putSettings({ principal, body }, request, response) {
      const { userId } = principal.session;
      const stored = await settings.put({ values: body, userId, caller: describeCaller(request) });
      response.json(describeSettings(stored, false));
    },
  };
}
