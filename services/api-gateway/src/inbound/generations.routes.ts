import type { Response } from "express";
import { isEnded, type Generation, type SubmitBody } from "@vibe-friend/contracts/generation";
import type { Principal } from "../domain/check-access";
import { parseSettings } from "../domain/describe-settings";
import { notFound } from "../domain/errors";
import type { GenerationStore, SettingsSource } from "../domain/ports";
import type { Submission } from "../domain/submit-generation";
import type { RouteHandlers } from "./api-routes";
import { leavePlace } from "./request-places";

export interface GenerationsRoutesDependencies {
  readonly store: Pick<GenerationStore, "find" | "list" | "remove">;
  readonly settings: Pick<SettingsSource, "read">;
  /** GENERATION_MODE: what an unset setting means */
  readonly defaultMode: "async" | "sync";
  readonly submitGeneration: (submission: Submission) => Promise<Generation>;
  readonly awaitGeneration: (generation: Generation, abandoned: AbortSignal) => Promise<Generation>;
  readonly cancelGeneration: (userId: string, id: string) => Promise<Generation>;
  readonly retryGeneration: (userId: string, id: string) => Promise<Generation>;
}

type GenerationHandlers = Pick<
  RouteHandlers,
  | "submitGeneration"
  | "listGenerations"
  | "getGeneration"
  | "cancelGeneration"
  | "retryGeneration"
  | "deleteGeneration"
>;

export function createGenerationsRoutes(dependencies: GenerationsRoutesDependencies): GenerationHandlers {
  const { store, settings, defaultMode } = dependencies;

  async function chooseMode(body: SubmitBody, principal: Principal): Promise<"async" | "sync"> {
    if (body.mode !== undefined) return body.mode;
    return parseSettings(await settings.read(principal))["generation.mode"] ?? defaultMode;
  }

  return {
    async submitGeneration({ principal, body, headers }, _request, response) {
      const { userId } = principal.session;
      const mode = await chooseMode(body, principal);
      const idempotencyKey = headers["idempotency-key"];
      const generation = await dependencies.submitGeneration({ userId, body, mode, idempotencyKey });
      if (mode === "sync") leavePlace(response);
      const answer =
        mode === "sync" ? await dependencies.awaitGeneration(generation, abortWith(response)) : generation;
      response.setHeader("Location", locationOf(answer));
      response.status(mode === "sync" && isEnded(answer.status) ? 200 : 202).json({ generation: answer });
    },

    async listGenerations({ principal, query }, _request, response) {
      const { limit, status, q, cursor } = query;
      response.json(
        await store.list(principal.session.userId, {
          limit,
          ...(status === undefined ? {} : { status }),
          ...(q === undefined || q === "" ? {} : { q }),
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
    },

    async getGeneration({ principal, params }, _request, response) {
      const generation = await store.find(principal.session.userId, params.id);
      if (generation === undefined) throw notFound();
      response.json({ generation });
    },

    async cancelGeneration({ principal, params }, _request, response) {
      response.json({ generation: await dependencies.cancelGeneration(principal.session.userId, params.id) });
    },

    async retryGeneration({ principal, params }, _request, response) {
      const generation = await dependencies.retryGeneration(principal.session.userId, params.id);
      response.setHeader("Location", locationOf(generation));
      response.status(202).json({ generation });
    },

    async deleteGeneration({ principal, params }, _request, response) {
      await store.remove(principal.session.userId, params.id);
      response.status(204).end();
    },
  };
}

function locationOf({ id }: Generation): string {
  return `/api/v1/generations/${id}`;
}

/** Aborts when the client has gone. */
function abortWith(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    controller.abort();
  });
  return controller.signal;
}
