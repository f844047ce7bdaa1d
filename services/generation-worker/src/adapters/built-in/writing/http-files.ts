import type { ProjectFile, ProjectModel, Resource } from "../project-model";
import { withArticle } from "../reading/words";
import { foreignKeyName, literal, uniqueName } from "./naming";

/** What all routes share: problems, input, paging. */
export function writeHttpFiles(model: ProjectModel): ProjectFile[] {
  return [
    { path: "src/http/problem.ts", content: PROBLEM },
    { path: "src/http/input.ts", content: INPUT },
    { path: "src/http/pagination.ts", content: PAGINATION },
    { path: "src/http/constraints.ts", content: constraints(model) },
    { path: "src/http/error-handler.ts", content: ERROR_HANDLER },
  ];
}

const PROBLEM = `/** One thing wrong with the input; \`path\` names the field. */
export interface InputFault {
  path: string;
  message: string;
}

/** An answer other than success, sent as application/problem+json (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors?: InputFault[],
  ) {
    super(detail);
  }
}

export function notFound(label: string): Problem {
  return new Problem(404, "Not found", \`There is no \${label} with this id.\`);
}

export function invalidInput(errors: InputFault[]): Problem {
  return new Problem(422, "Invalid input", errors.map(({ message }) => message).join(" "), errors);
}

export function conflict(detail: string, errors?: InputFault[]): Problem {
  return new Problem(409, "Conflict", detail, errors);
}
`;

const INPUT = `import { z } from "zod";
import { invalidInput, notFound } from "./problem.js";

/** Checks what a client sent. Throws a 422 problem that names every fault. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw invalidInput(
    result.error.issues.map(({ path, message }) => {
      const name = path.join(".");
      return { path: name, message: name === "" ? \`\${message}.\` : \`\${name}: \${message}.\` };
    }),
  );
}

/** An id that can't be one names nothing: 404, as for one that isn't there. */
export function parseId(value: string, label: string): string {
  const result = z.uuid().safeParse(value);
  if (!result.success) throw notFound(label);
  return result.data;
}

/** A pattern for ILIKE that finds \`text\` anywhere and takes it literally. */
export function contains(text: string): string {
  return \`%\${text.replace(/[\\\\%_]/g, "\\\\$&")}%\`;
}
`;

const PAGINATION = `import { z } from "zod";

/** Paging of every list: \`?limit=\` 1 to 100, \`?offset=\` from 0. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
`;

const ERROR_HANDLER = `import type { ErrorRequestHandler } from "express";
import { QueryFailedError } from "typeorm";
import { constraints } from "./constraints.js";
import { conflict, invalidInput, Problem } from "./problem.js";

/** Turns whatever was thrown into a problem document. What nobody foresaw is logged and stays a plain 500. */
export const handleErrors: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const problem = toProblem(error, request.method);
  if (problem.status >= 500) console.error(error);
  const { status, title, detail, errors } = problem;
  response
    .status(status)
    .type("application/problem+json")
    .send(JSON.stringify({ type: "about:blank", title, status, detail, instance: request.originalUrl, errors }));
};

function toProblem(error: unknown, method: string): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof QueryFailedError) return fromDatabase(error.driverError, method) ?? unexpected();
  // The body parser's errors carry the status to answer with.
  const { status } = error as { status?: unknown };
  if (status === 400) return new Problem(400, "Bad request", "The body is not valid JSON.");
  if (status === 413) return new Problem(413, "Content too large", "The body is larger than this service takes.");
  if (typeof status === "number" && status >= 400 && status < 500) {
    return new Problem(status, "Bad request", "The request can't be read.");
  }
  return unexpected();
}

/** Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function fromDatabase(error: { code?: string; constraint?: string }, method: string): Problem | undefined {
  const known = constraints[error.constraint ?? ""];
  switch (error.code) {
    case "23505": // unique_violation
      return conflict(known?.message ?? "This is already taken.", known && [known]);
    case "23503": // foreign_key_violation
      if (method === "DELETE") return conflict("Something else still refers to this.");
      return known && invalidInput([known]);
    case "23514": // check_violation
      return new Problem(422, "Invalid input", "A value is not allowed.");
    default:
      // Class 22: out of range, a character the database can't hold and the like.
      return error.code?.startsWith("22") === true
        ? new Problem(422, "Invalid input", "A value is out of range or has a character that can't be stored.")
        : undefined;
  }
}

function unexpected(): Problem {
  return new Problem(500, "Internal server error", "Something went wrong here. Please try again later.");
}
`;

function constraints({ resources }: ProjectModel): string {
  return `import type { InputFault } from "./problem.js";

/** What it means when the database refuses a row, by the constraint's name in the migration. */
export const constraints: Partial<Record<string, InputFault>> = {
  ${resources.flatMap(constraintsOf).join("\n  ")}
};
`;
}

function constraintsOf(resource: Resource): string[] {
  const fault = (name: string, path: string, message: string): string =>
    `${name}: { path: ${literal(path)}, message: ${literal(message)} },`;
  const { label } = resource.names;
  return [
    ...resource.fields
      .filter(({ unique }) => unique)
      .map((field) =>
        fault(uniqueName(resource, field.column), field.name, `Another ${label} has this ${field.label}.`),
      ),
    ...resource.belongsTo.flatMap((relation) => [
      fault(
        foreignKeyName(resource, relation),
        relation.idName,
        `There is no ${relation.target.label} with this id.`,
      ),
      ...(relation.unique
        ? [
            fault(
              uniqueName(resource, relation.column),
              relation.idName,
              `This ${relation.target.label} already has ${withArticle(label)}.`,
            ),
          ]
        : []),
    ]),
  ];
}
