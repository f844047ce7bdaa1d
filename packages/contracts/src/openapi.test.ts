import { createOpenApiDocument } from "./openapi";
import { routes, type RouteDefinition } from "./routes";

describe("OpenAPI document", () => {
  const document = JSON.parse(JSON.stringify(createOpenApiDocument("1.2.3"))) as {
    openapi: string;
    info: { version: string };
    paths: Record<
      string,
      Record<string, { operationId: string; requestBody?: unknown; security: unknown[] }>
    >;
    components: { schemas: Record<string, { required?: string[]; properties?: Record<string, unknown> }> };
  };

  it("is 3.1 and carries the product's version", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(document.info.version).toBe("1.2.3");
  });

  it("names every route once, with its own operation id", () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.map((operation) => operation.operationId).sort()).toEqual(Object.keys(routes).sort());
  });

  it("asks for a session exactly where the route does", () => {
    for (const [name, route] of Object.entries<RouteDefinition>(routes)) {
      const operation = Object.values(document.paths)
        .flatMap((path) => Object.values(path))
        .find((candidate) => candidate.operationId === name);
      expect(operation?.security.length).toBe(route.access === "public" ? 0 : 1);
    }
  });

  it("describes the generation object with every field of the contract", () => {
    expect(Object.keys(document.components.schemas["Generation"]?.properties ?? {})).toEqual([
      "id",
      "userId",
      "prompt",
      "engine",
      "model",
      "status",
      "progress",
      "attempt",
      "priority",
      "error",
      "filesCount",
      "createdAt",
      "startedAt",
      "finishedAt",
      "lastSeq",
    ]);
  });

  it("writes file paths as OpenAPI does", () => {
    expect(document.paths).toHaveProperty(["/api/v1/generations/{id}/files/{path}", "get"]);
  });
});
