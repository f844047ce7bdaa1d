import express, { type Router } from "express";
import { createOpenApiDocument } from "@vibe-friend/contracts/openapi";
import { renderDocs } from "./docs-page";

/** `/openapi.json` and the page for people, made once from the schemas that validate the requests. */
export function createDocsRoutes(version: string): Router {
  const document = createOpenApiDocument(version);
  const json = JSON.stringify(document);
  const page = renderDocs(JSON.parse(json) as Parameters<typeof renderDocs>[0]);
  const router = express.Router();
  router.get("/openapi.json", (_request, response) => {
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.type("application/json").send(json);
  });
  router.get("/docs", (_request, response) => {
    response.setHeader("Content-Security-Policy", page.contentSecurityPolicy);
    response.setHeader("Cache-Control", "no-cache");
    response.type("html").send(page.html);
  });
  return router;
}
