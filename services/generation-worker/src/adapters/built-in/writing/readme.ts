import type { Field, ProjectModel, Resource } from "../project-model";
import { describeField } from "../reading/describe-resource";
import { filterFields, linkFilterName, searchFields } from "./naming";
import { exampleValue } from "./sample-values";

const MAX_PROMPT = 2_000;

/** README.md */
export function writeReadme(model: ProjectModel, prompt: string): string {
  const { title, resources, notes, packageName } = model;
  const [first] = resources;
  const assumptions = notes.filter(({ message }) => !message.startsWith("Understood "));
  return `# ${title}

A REST service: Express, TypeORM with Postgres, zod.

## Run it

Needs Node 20.19 or newer and a Postgres; \`docker compose up -d postgres\` brings one.

\`\`\`sh
npm install
cp .env.example .env      # adjust DATABASE_URL
npm run migrate
npm run dev               # http://localhost:3000
\`\`\`

Or everything in containers: \`docker compose up --build\`.

| command | what it does |
| --- | --- |
| \`npm run dev\` | starts with the sources and restarts on every change |
| \`npm run build\`, \`npm start\` | compiles to \`dist/\`, runs what was compiled |
| \`npm run migrate\`, \`npm run migrate:revert\` | brings the schema up to date, takes the last migration back |
| \`npm run typecheck\` | checks all types |
| \`npm test\` | runs all tests against a Postgres inside the process, or in a schema of its own in \`TEST_DATABASE_URL\` or \`DATABASE_URL\` |

## Try it

${first === undefined ? "" : examples(first, resources)}
## Resources

Every resource has an \`id\`, \`createdAt\` and \`updatedAt\`, and the same five routes: \`POST /…\`, \`GET /…\`,
\`GET /…/:id\`, \`PATCH /…/:id\` and \`DELETE /…/:id\`. Lists answer \`{ items, total, limit, offset }\` and take
\`?limit=\` (1 to 100), \`?offset=\` and \`?sort=\` (a field, with a leading \`-\` for descending). Errors are
\`application/problem+json\` (RFC 9457). The OpenAPI document is at \`/openapi.json\`.

${resources.map(describe).join("\n")}
## Where things are

| path | holds |
| --- | --- |
| \`src/<resource>/\` | the table as an entity, what clients may write as a schema, the routes |
| \`src/database/\` | the data source and the migrations |
| \`src/http/\` | problems, input, paging |
| \`test/\` | one file per resource, on the real service with a real database |

## How the prompt was read

${prompt
  .slice(0, MAX_PROMPT)
  .split(/\r?\n/)
  .map((line) => `    ${line.replace(/\p{C}/gu, " ")}`.trimEnd())
  .join("\n")}

${assumptions.length === 0 ? "All of it was understood." : assumptions.map(({ message }) => `- ${inert(message)}`).join("\n")}

The package is called \`${packageName}\`.
`;
}

/** Text from the prompt that must stay text in Markdown. */
function inert(text: string): string {
  return text.replace(/[<>[\]`*_\\]/g, "\\$&");
}

function examples(first: Resource, resources: readonly Resource[]): string {
  const path = `/${first.names.kebabPlural}`;
  const last = resources.at(-1) ?? first;
  const related = last.belongsTo.find(({ required }) => required);
  const list =
    related === undefined || last === first
      ? `curl 'http://localhost:3000${path}?limit=10&sort=-createdAt'`
      : `curl 'http://localhost:3000/${last.names.kebabPlural}?${related.idName}=<id>'`;
  return `\`\`\`sh
curl -X POST http://localhost:3000${path} -H 'content-type: application/json' \\
  -d '${JSON.stringify(exampleBody(first)).replaceAll("'", "'\\''")}'
curl http://localhost:3000${path}
curl -X PATCH http://localhost:3000${path}/<id> -H 'content-type: application/json' \\
  -d '${JSON.stringify(Object.fromEntries(Object.entries(exampleBody(first)).slice(0, 1))).replaceAll("'", "'\\''")}'
${list}
curl -X DELETE http://localhost:3000${path}/<id>
\`\`\`
`;
}

function exampleBody({ fields, belongsTo }: Resource): Record<string, unknown> {
  return Object.fromEntries([
    ...fields.map((field: Field) => [field.name, exampleValue(field)]),
    ...belongsTo
      .filter(({ required }) => required)
      .map(({ idName, target }) => [idName, `<id of ${target.label}>`]),
  ]) as Record<string, unknown>;
}

function describe(resource: Resource): string {
  const { names, fields, belongsTo, manyToMany } = resource;
  const rows = [
    ...fields.map((field) => `| \`${field.name}\` | ${inert(describeField(field))} |`),
    ...belongsTo.map(
      ({ idName, target, required, unique }) =>
        `| \`${idName}\` | id of one of \`/${target.kebabPlural}\`${unique ? ", unique" : ""}${required ? "" : ", optional"} |`,
    ),
    ...manyToMany.map(
      ({ idsName, target }) => `| \`${idsName}\` | ids of \`/${target.kebabPlural}\`, optional |`,
    ),
  ];
  const filters = [
    ...(searchFields(resource).length > 0 ? ["q"] : []),
    ...filterFields(resource).map(({ name }) => name),
    ...belongsTo.map(({ idName }) => idName),
    ...manyToMany.map((relation) => linkFilterName(resource, relation)),
  ];
  const narrowed =
    filters.length === 0
      ? ""
      : `\nThe list can be narrowed by ${filters.map((name) => `\`${name}\``).join(", ")}.\n`;
  return `### \`/${names.kebabPlural}\`

| field | what it holds |
| --- | --- |
${rows.join("\n")}
${narrowed}`;
}
