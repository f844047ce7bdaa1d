import type { ProjectModel } from "../project-model";
import { literal } from "./naming";

/** `src/openapi.ts` */
export function writeOpenapi({ title, resources }: ProjectModel): string {
  const imports = [...resources]
    .sort((a, b) => (a.names.kebabPlural < b.names.kebabPlural ? -1 : 1))
    .map(
      ({ names: { camel, kebab, kebabPlural } }) =>
        `import { ${camel}Changes, ${camel}Input, ${camel}Query } from "./${kebabPlural}/${kebab}.schema.js";`,
    );
  const described = resources.map(
    ({ names }) => `{
    path: ${literal(`/${names.kebabPlural}`)},
    label: ${literal(names.label)},
    input: ${names.camel}Input,
    changes: ${names.camel}Changes,
    query: ${names.camel}Query,
  },`,
  );
  return `import { z } from "zod";
${imports.join("\n")}

const resources = [
  ${described.join("\n  ")}
];

/** The OpenAPI 3.1 document, made from the very schemas that check the requests. */
export function describeApi() {
  const paths: Record<string, unknown> = {};
  for (const { path, label, input, changes, query } of resources) {
    const one = { ...answer(label), ...problems(404) };
    paths[path] = {
      get: { summary: \`List: \${label}\`, parameters: queryParameters(query), responses: { ...answer("A page"), ...problems(422) } },
      post: {
        summary: \`Create: \${label}\`,
        requestBody: body(input),
        responses: { ...answer("Created", 201), ...problems(409, 422) },
      },
    };
    paths[\`\${path}/{id}\`] = {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } }],
      get: { summary: \`Read: \${label}\`, responses: one },
      patch: { summary: \`Change: \${label}\`, requestBody: body(changes), responses: { ...one, ...problems(409, 422) } },
      delete: { summary: \`Delete: \${label}\`, responses: { ...answer("Deleted", 204), ...problems(404, 409) } },
    };
  }
  return { openapi: "3.1.0", info: { title: ${literal(title)}, version: "0.1.0" }, paths };
}

function body(schema: z.ZodType) {
  return { required: true, content: { "application/json": { schema: toJsonSchema(schema) } } };
}

function queryParameters(schema: z.ZodType) {
  const { properties = {} } = toJsonSchema(schema);
  return Object.entries(properties).map(([name, property]) => ({ name, in: "query", schema: property }));
}

function toJsonSchema(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

function answer(description: string, status = 200) {
  return { [status]: { description } };
}

function problems(...statuses: number[]) {
  const content = { "application/problem+json": {} };
  return Object.fromEntries(statuses.map((status) => [status, { description: "Problem (RFC 9457)", content }]));
}
`;
}
