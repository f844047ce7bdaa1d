import type { Express } from "express";
import type { SessionSetup } from "../sessions/session-contestant";

/**
 * Puts `GET /me` (the signed-in user's id as JSON) and `POST /sign-in` (which sets a cookie) into the app.
 *
 * @returns what closes its connections
 */
export type MountRoutes = (app: Express, setup: SessionSetup) => Promise<() => Promise<unknown>>;
