import type { Request } from "express";
import type { AdministerQueues, OrderedBy } from "../domain/administer-queues";
import type { Principal } from "../domain/check-access";
import type { RouteHandlers } from "./api-routes";
import { describeCaller } from "./caller";

type QueueHandlers = Pick<RouteHandlers, "listQueues" | "pauseQueue" | "resumeQueue" | "retryFailedJobs">;

export function createQueuesRoutes(queues: AdministerQueues): QueueHandlers {
  return {
    async listQueues(_input, _request, response) {
      response.json(await queues.list());
    },
    async pauseQueue({ principal, params }, request, response) {
      response.json(await queues.pause({ name: params.name, by: orderedBy(principal, request) }));
    },
    async resumeQueue({ principal, params }, request, response) {
      response.json(await queues.resume({ name: params.name, by: orderedBy(principal, request) }));
    },
    async retryFailedJobs({ principal, params }, request, response) {
      response.json(await queues.retryFailed({ name: params.name, by: orderedBy(principal, request) }));
    },
  };
}

function orderedBy(principal: Principal, request: Request): OrderedBy {
  return { userId: principal.session.userId, ...describeCaller(request) };
}
