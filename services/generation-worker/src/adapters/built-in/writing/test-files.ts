import type { ProjectFile, ProjectModel, Resource } from "../project-model";
import { writeResourceTest } from "./resource-test";
import { sampleExpression } from "./sample-values";
import { TEST_DATABASE, TEST_SERVICE } from "./test-support";
import { withArticle } from "../reading/words";
import { literal } from "./naming";

/** The project's tests and what they stand on. */
export function writeTestFiles(model: ProjectModel): ProjectFile[] {
  return [
    { path: "test/test-service.ts", content: TEST_SERVICE },
    { path: "test/test-database.ts", content: TEST_DATABASE },
    { path: "test/samples.ts", content: samples(model) },
    ...model.resources.map((resource) => ({
      path: `test/${resource.names.kebabPlural}.test.ts`,
      content: writeResourceTest(model, resource),
    })),
    { path: "test/service.test.ts", content: serviceTest(model) },
    { path: "test/all.ts", content: all(model) },
  ];
}

function samples({ resources }: ProjectModel): string {
  const needsUuid = resources.some(({ fields }) => fields.some(({ kind }) => kind === "uuid"));
  const needsService = resources.some(({ belongsTo }) => belongsTo.some(({ required }) => required));
  return `${needsUuid ? 'import { randomUUID } from "node:crypto";\n' : ""}${needsService ? 'import { service } from "./test-service.js";\n' : ""}
let count = 0;
${resources.map(sample).join("\n")}`;
}

function sample({ names, fields, belongsTo }: Resource): string {
  const required = belongsTo.filter((relation) => relation.required);
  const lines = [
    ...fields.map((field) => `${field.name}: ${sampleExpression(field)},`),
    ...required.map(({ idName, target }) => {
      const path = literal(`/${target.kebabPlural}`);
      return `${idName}: (await service.create(${path}, await new${target.pascal}())).id,`;
    }),
  ];
  return `
/** A body that creates ${withArticle(names.label)}${required.length > 0 ? ", with all it needs" : ""}. */
export async function new${names.pascal}() {
  count += 1;
  return {
    ${lines.join("\n    ")}
  };
}
`;
}

function all({ resources }: ProjectModel): string {
  const files = [...resources.map(({ names }) => names.kebabPlural), "service"];
  return `// All tests in one process, so that they share one database. Each file also runs on its own:
// node --import tsx --test test/${files[0] ?? "service"}.test.ts
${files.map((file) => `import "./${file}.test.js";`).join("\n")}
`;
}

function serviceTest({ resources }: ProjectModel): string {
  const [first] = resources;
  const path = `/${first?.names.kebabPlural ?? ""}`;
  return `import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { service } from "./test-service.js";

describe("the service", () => {
  it("says that it is alive and ready", async () => {
    assert.equal((await service.request("GET", "/livez")).status, 200);
    assert.equal((await service.request("GET", "/readyz")).status, 200);
  });

  it("describes every resource in its OpenAPI document", async () => {
    const { body } = await service.request("GET", "/openapi.json");
    assert.deepEqual(Object.keys(body.paths as object).sort(), [
      ${resources
        .flatMap(({ names }) => [`/${names.kebabPlural}`, `/${names.kebabPlural}/{id}`])
        .sort()
        .map(literal)
        .join(",\n      ")},
    ]);
  });

  it("answers an unknown address with a problem document", async () => {
    const answer = await service.request("GET", "/nowhere/at-all");
    assert.equal(answer.status, 404);
    assert.match(answer.headers.get("content-type") ?? "", /^application\\/problem\\+json/);
    assert.equal(answer.body.title, "Not found");
  });

  it("refuses broken JSON", async () => {
    assert.equal((await service.request("POST", ${literal(path)}, "{ no json")).status, 400);
  });

  it("can take its migrations back and apply them again", async () => {
    const { dataSource } = service;
    await dataSource.undoLastMigration();
    assert.equal((await dataSource.query("SELECT to_regclass('${first?.names.table ?? ""}') AS found"))[0].found, null);
    await dataSource.runMigrations();
    assert.equal((await service.request("GET", ${literal(path)})).body.total, 0);
  });
});
`;
}
