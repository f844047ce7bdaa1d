import { describeSettings } from "../domain/describe-settings";
import type { SettingsSource } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { describeCaller } from "./caller";

export function createSettingsRoutes(
  settings: SettingsSource,
): Pick<RouteHandlers, "getSettings" | "putSettings"> {
  return {
    async getSettings({ principal }, _request, response) {
      response.json(describeSettings(await settings.read(principal)));
    },
    async putSettings({ principal, body }, request, response) {
      const { userId } = principal.session;
      const stored = await settings.put({ values: body, userId, caller: describeCaller(request) });
      response.json(describeSettings(stored));
    },
  };
}
