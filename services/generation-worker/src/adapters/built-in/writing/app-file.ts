import type { ProjectModel } from "../project-model";
import { literal } from "./naming";

/** `src/app.ts` */
export function writeApp({ resources }: ProjectModel): string {
  const sorted = [...resources].sort((a, b) => (a.names.kebabPlural < b.names.kebabPlural ? -1 : 1));
  const imports = sorted.map(
    ({ names }) =>
      `import { create${names.pascal}Routes } from "./${names.kebabPlural}/${names.kebab}.routes.js";`,
  );
  const mounts = resources.map(
    ({ names }) => `app.use(${literal(`/${names.kebabPlural}`)}, create${names.pascal}Routes(dataSource));`,
  );
  return `import express, { type Express } from "express";
import helmet from "helmet";
import type { DataSource } from "typeorm";
${imports.join("\n")}
import { handleErrors } from "./http/error-handler.js";
import { Problem } from "./http/problem.js";
import { describeApi } from "./openapi.js";

/** The HTTP side of the service. Opens no socket, so that tests can. */
export function createApp(dataSource: DataSource): Express {
  const app = express();
  app.use(helmet());
  app.use(express.json({ limit: "100kb" }));

  app.get("/livez", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
    const ready = await dataSource.query("SELECT 1").then(
      () => true,
      () => false,
    );
    response.status(ready ? 200 : 503).json({ status: ready ? "ok" : "database unreachable" });
  });
  app.get("/openapi.json", (_request, response) => {
    response.json(describeApi());
  });
  ${mounts.join("\n  ")}

  app.use(() => {
    throw new Problem(404, "Not found", "There is nothing at this address.");
  });
  app.use(handleErrors);
  return app;
}
`;
}
