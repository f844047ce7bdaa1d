import type { Field, ProjectModel, Resource } from "../project-model";
import { filterFields, literal } from "./naming";
import { belongsToTests, manyToManyTest } from "./relation-tests";
import { wrongValue } from "./sample-values";
import { isNullable } from "./entity";

/** `test/books.test.ts` */
export function writeResourceTest(model: ProjectModel, resource: Resource): string {
  const { names } = resource;
  const path = `/${names.kebabPlural}`;
  const tests = [
    createTest(resource),
    listTest(),
    changeTest(resource),
    deleteTest(),
    missingTest(),
    wrongInputTest(resource),
    ...requiredTest(resource),
    ...nullTest(resource),
    ...uniqueTest(resource),
    ...filterTest(resource),
    ...resource.belongsTo.flatMap((relation) => belongsToTests(resource, relation)),
    ...resource.manyToMany.map((relation) => manyToManyTest(resource, relation)),
  ];
  const body = tests.join("\n\n  ").replaceAll("NEW", `await new${names.pascal}()`).replaceAll("PATH", path);
  const samples = new Set([
    names.pascal,
    ...[...resource.belongsTo, ...resource.manyToMany]
      .map(({ target }) => target.pascal)
      .filter((pascal) => body.includes(`new${pascal}(`)),
  ]);
  const known = model.resources.map((other) => other.names.pascal).filter((pascal) => samples.has(pascal));
  return `import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { ${known
    .map((pascal) => `new${pascal}`)
    .sort()
    .join(", ")} } from "./samples.js";
import { service, type Row } from "./test-service.js";

describe(${literal(names.labelPlural)}, () => {
  ${body}
});
`;
}

function createTest({ names }: Resource): string {
  return `it("creates one and reads it back", async () => {
    const body = NEW;
    const answer = await service.request("POST", "PATH", body);
    assert.equal(answer.status, 201);
    for (const [name, value] of Object.entries(body)) {
      assert.deepEqual(answer.body[name], value, name);
    }
    const address = answer.headers.get("location") ?? "";
    const read = await service.request("GET", address);
    assert.equal(read.status, 200, ${literal(`the new ${names.label} is at its Location`)});
    assert.deepEqual(read.body, answer.body);
  });`;
}

function listTest(): string {
  return `it("lists them in pages", async () => {
    for (let index = 0; index < 3; index += 1) {
      await service.create("PATH", NEW);
    }
    const first = await service.request("GET", "PATH?limit=2");
    const second = await service.request("GET", "PATH?limit=2&offset=2");
    assert.equal((first.body.items as Row[]).length, 2);
    assert.ok((first.body.total as number) >= 3);
    const ids = [...(first.body.items as Row[]), ...(second.body.items as Row[])].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, "no row on two pages");
    assert.equal((await service.request("GET", "PATH?limit=0")).status, 422);
  });`;
}

function changeTest({ fields }: Resource): string {
  const field =
    fields.find(({ kind }) => kind === "string" || kind === "text" || kind === "integer") ?? fields[0];
  if (field === undefined) return "";
  const value = changedValue(field);
  return `it("changes one field and keeps the rest", async () => {
    const created = await service.create("PATH", NEW);
    const ${field.name === "value" ? "{ value }" : `{ ${field.name}: value }`} = ${value};
    const answer = await service.request("PATCH", \`PATH/\${created.id}\`, { ${field.name}: value });
    assert.equal(answer.status, 200);
    assert.deepEqual({ ...answer.body, updatedAt: null }, { ...created, ${field.name}: value, updatedAt: null });
  });`;
}

/** An object that holds another value for the field. */
function changedValue(field: Field): string {
  if (field.kind === "boolean") return `{ ${field.name}: false }`;
  if (field.kind === "enum") return `{ ${field.name}: ${literal(field.values.at(-1) ?? "")} }`;
  return "NEW";
}

function deleteTest(): string {
  return `it("deletes one", async () => {
    const { id } = await service.create("PATH", NEW);
    assert.equal((await service.request("DELETE", \`PATH/\${id}\`)).status, 204);
    assert.equal((await service.request("GET", \`PATH/\${id}\`)).status, 404);
  });`;
}

function missingTest(): string {
  return `it("answers 404 for an id that names nothing", async () => {
    for (const id of [randomUUID(), "not-an-id"]) {
      assert.equal((await service.request("GET", \`PATH/\${id}\`)).status, 404);
      assert.equal((await service.request("PATCH", \`PATH/\${id}\`, {})).status, 404);
      assert.equal((await service.request("DELETE", \`PATH/\${id}\`)).status, 404);
    }
  });`;
}

function wrongInputTest({ fields }: Resource): string {
  const [field] = fields;
  const wrong = field === undefined ? "" : `${field.name}: ${wrongValue(field)}`;
  return `it("refuses unknown fields and wrong values", async () => {
    const unknown = await service.request("POST", "PATH", { ...(NEW), surprise: true });
    assert.equal(unknown.status, 422);
    const wrong = await service.request("POST", "PATH", { ...(NEW), ${wrong} });
    assert.equal(wrong.status, 422);
    assert.deepEqual((wrong.body.errors as { path: string }[]).map(({ path }) => path), [${literal(field?.name ?? "")}]);
  });`;
}

function requiredTest({ fields, belongsTo }: Resource): string[] {
  const required = [
    ...fields.filter((field) => field.required).map(({ name }) => name),
    ...belongsTo.filter((relation) => relation.required).map(({ idName }) => idName),
  ];
  if (required.length === 0) return [];
  return [
    `it("names every required field that is missing", async () => {
    const answer = await service.request("POST", "PATH", {});
    assert.equal(answer.status, 422);
    assert.deepEqual(
      (answer.body.errors as { path: string }[]).map(({ path }) => path),
      [${required.map(literal).join(", ")}],
    );
  });`,
  ];
}

function nullTest({ fields }: Resource): string[] {
  const field = fields.find(isNullable);
  if (field === undefined) return [];
  return [
    `it(${literal(`does without ${field.label}`)}, async () => {
    const { ${field.name}: _omitted, ...body } = NEW;
    const created = await service.create("PATH", body);
    assert.equal(created.${field.name}, null);
  });`,
  ];
}

function uniqueTest({ fields }: Resource): string[] {
  return fields
    .filter(({ unique }) => unique)
    .map(
      (field) => `it(${literal(`refuses a second one with the same ${field.label}`)}, async () => {
    const { ${field.name} } = await service.create("PATH", NEW);
    const answer = await service.request("POST", "PATH", { ...(NEW), ${field.name} });
    assert.equal(answer.status, 409);
    assert.equal((answer.body.errors as { path: string }[])[0]?.path, ${literal(field.name)});
  });`,
    );
}

function filterTest(resource: Resource): string[] {
  const field = filterFields(resource).find(({ kind }) => kind === "enum" || kind === "boolean");
  if (field === undefined) return [];
  const [wanted, other] =
    field.kind === "boolean" ? [true, false] : [field.values[0] ?? "", field.values[1] ?? ""];
  return [
    `it(${literal(`narrows the list by ${field.label}`)}, async () => {
    const wanted = await service.create("PATH", { ...(NEW), ${field.name}: ${JSON.stringify(wanted)} });
    const other = await service.create("PATH", { ...(NEW), ${field.name}: ${JSON.stringify(other)} });
    const { body } = await service.request("GET", ${literal(`PATH?limit=100&${field.name}=${encodeURIComponent(String(wanted))}`)});
    const ids = (body.items as Row[]).map(({ id }) => id);
    assert.ok(ids.includes(wanted.id));
    assert.ok(!ids.includes(other.id));
  });`,
  ];
}
