import { createHash } from "node:crypto";

/** The parts of an OpenAPI document that the page shows. */
interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas?: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { schema: unknown }>> }
    >
  >;
}

const style = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}
details{border:1px solid #8886;border-radius:.5rem;margin:.6rem 0;padding:.5rem .8rem}
summary{cursor:pointer}
code,pre{font:14px/1.45 ui-monospace,monospace}
pre{overflow:auto;background:#8882;border-radius:.4rem;padding:.6rem}
.method{display:inline-block;min-width:4.2rem;font-weight:700}
.open{opacity:.7;font-size:.85em;margin-left:.5rem}
`;

/** One page without scripts: every operation by tag, then every schema. */
export function renderDocs(document: OpenApiDocument): { html: string; contentSecurityPolicy: string } {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2>${escape(tag)}</h2>${own.map(renderOperation).join("")}`;
  });
  const schemas = Object.entries(document.components.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="${escape(name)}"><summary><code>${escape(name)}</code></summary>${renderJson(schema)}</details>`,
  );
  const { title, version, description } = document.info;
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)} API</title><style>${style}</style></head><body>
<h1>${escape(title)} API <small>${escape(version)}</small></h1>
<p>${escape(description)}</p>
<p>The same for machines: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join("\n")}
<h2>Schemas</h2>
${schemas.join("\n")}
</body></html>
`;
  const hash = createHash("sha256").update(style).digest("base64");
  const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, contentSecurityPolicy };
}

function renderOperation(entry: { path: string; method: string; operation: Operation }): string {
  const { path, method, operation } = entry;
  const { parameters = [], requestBody, responses } = operation;
  const open = operation.security.length === 0 ? '<span class="open">no session needed</span>' : "";
  const inputs = parameters.map(
    (parameter) =>
      `<li><code>${escape(parameter.name)}</code> (${escape(parameter.in)}${parameter.required === true ? ", required" : ""})</li>`,
  );
  const bodies = Object.values(requestBody?.content ?? {}).map(({ schema }) => renderJson(schema));
  const answers = Object.entries(responses).map(([status, { description, content = {} }]) => {
    const kinds = Object.entries(content).map(
      ([type, { schema }]) => `<code>${escape(type)}</code> ${renderReference(schema)}`,
    );
    return `<li><b>${escape(status)}</b> ${escape(description)} ${kinds.join(" ")}</li>`;
  });
  return `<details id="${escape(operation.operationId)}"><summary><code><span class="method">${escape(method.toUpperCase())}</span> ${escape(path)}</code> — ${escape(operation.summary)}${open}</summary>
${operation.description === undefined ? "" : `<p>${escape(operation.description)}</p>`}
${inputs.length === 0 ? "" : `<h4>Parameters</h4><ul>${inputs.join("")}</ul>`}
${bodies.length === 0 ? "" : `<h4>Body</h4>${bodies.join("")}`}
<h4>Answers</h4><ul>${answers.join("")}</ul></details>`;
}

function renderReference(schema: unknown): string {
  const reference = (schema as { $ref?: unknown } | null)?.$ref;
  if (typeof reference !== "string") return "";
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return `<a href="#${escape(name)}">${escape(name)}</a>`;
}

function renderJson(value: unknown): string {
  const link = renderReference(value);
  return link === "" ? `<pre>${escape(JSON.stringify(value, null, 2))}</pre>` : `<p>${link}</p>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
