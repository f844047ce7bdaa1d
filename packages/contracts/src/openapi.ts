import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { problemSchema } from "./problem";
import { routes, type RouteDefinition } from "./routes";

const PREFIX = "/api/v1";

/** The OpenAPI 3.1 document, made from the very schemas that validate the requests. */
export function createOpenApiDocument(version: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const [operationId, route] of Object.entries<RouteDefinition>(routes)) {
    const path = PREFIX + toOpenApiPath(route.path);
    paths[path] = { ...paths[path], [route.method]: describe(operationId, route) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "vibe-friend",
      version,
      description:
        "Code generation as a service of your own. Errors are RFC 9457 problem documents; every answer carries X-Request-Id.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    components: {
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "gvf_session",
          description: "`__Host-gvf_session` over HTTPS. Unsafe methods also need X-CSRF-Token.",
        },
      },
    },
    paths,
  });
}

/** Express 5 (`/files/*path`, `/:id`) to OpenAPI (`/files/{path}`, `/{id}`). */
export function toOpenApiPath(path: string): string {
  return path.replace(/[:*](\w+)/g, "{$1}");
}

function describe(operationId: string, route: RouteDefinition): ZodOpenApiOperationObject {
  const needsCsrf = route.access !== "public" && route.method !== "get";
  const csrfHeader = z.object({ "x-csrf-token": z.string().optional() });
  const header = needsCsrf ? csrfHeader.extend(route.headers?.shape ?? {}) : route.headers;
  return {
    operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access === "public" ? [] : [{ session: [] }],
    ...(route.access.includes(":") ? { description: `Needs the permission \`${route.access}\`.` } : {}),
    requestParams: {
      ...(route.params ? { path: route.params as z.ZodObject } : {}),
      ...(route.query ? { query: route.query as z.ZodObject } : {}),
      ...(header ? { header } : {}),
    },
    ...(route.body
      ? { requestBody: { required: true, content: { "application/json": { schema: route.body } } } }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.results).map(([status, result]) => [status, describeResult(result)]),
      ),
      default: {
        description: "A problem (RFC 9457)",
        content: { "application/problem+json": { schema: problemSchema } },
      },
    },
  };
}

function describeResult(result: z.ZodType | null | string) {
  if (result === null) return { description: "Done, no body" };
  if (typeof result === "string") {
    return { description: "The content", content: { [result]: { schema: z.string() } } };
  }
  return { description: "The result", content: { "application/json": { schema: result } } };
}
