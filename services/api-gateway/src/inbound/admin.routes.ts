import { readRequestId } from "@vibe-friend/service-kit/request-id";
import type { AdminViews } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { describeCaller } from "./caller";

type AdminHandlers = Pick<
  RouteHandlers,
  "getStatistics" | "listUsers" | "getCache" | "invalidateCache" | "getRedis" | "saveRedis"
>;

export function createAdminRoutes(admin: AdminViews): AdminHandlers {
  return {
    async getStatistics(_input, request, response) {
      response.json(await admin.statistics(readRequestId(request)));
    },
    async listUsers({ query }, request, response) {
      response.json(await admin.users(query, readRequestId(request)));
    },
    async getCache(_input, request, response) {
      response.json(await admin.cache(readRequestId(request)));
    },
    async invalidateCache({ principal, body }, request, response) {
      const { userId } = principal.session;
      response.json(await admin.invalidateCache({ what: body, userId, caller: describeCaller(request) }));
    },
    async getRedis(_input, request, response) {
      response.json(await admin.redis(readRequestId(request)));
    },
    async saveRedis({ principal, params }, request, response) {
      const { userId } = principal.session;
      const order = { role: params.role, userId, caller: describeCaller(request) };
      response.status(202).json(await admin.saveRedis(order));
    },
  };
}
