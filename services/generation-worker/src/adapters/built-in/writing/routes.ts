import type { ManyToMany, Resource } from "../project-model";
import { filterFields, linkFilterName, literal, searchFields } from "./naming";

/** `src/books/book.routes.ts` */
export function writeRoutes(resource: Resource): string {
  const { names, manyToMany } = resource;
  const { pascal, camel } = names;
  const path = `/${names.kebabPlural}`;
  const relations = manyToMany.map(({ name }) => `${name}: true`).join(", ");
  const readOptions = manyToMany.length === 0 ? "" : `, relations: { ${relations} }`;
  return `import { Router } from "express";
import type { DataSource } from "typeorm";
${manyToMany.length > 0 ? 'import { findAll } from "../database/find-all.js";\n' : ""}import { contains, parseId, parseInput } from "../http/input.js";
import { notFound } from "../http/problem.js";
${targetImports(resource)}import { ${pascal} } from "./${names.kebab}.entity.js";
import { ${camel}Changes, ${camel}Input, ${camel}Query, present${pascal} } from "./${names.kebab}.schema.js";

/** Create, read, list, change and delete ${names.labelPlural}. */
export function create${pascal}Routes(dataSource: DataSource): Router {
  const router = Router();
  const repository = dataSource.getRepository(${pascal});

  async function read(id: string): Promise<${pascal}> {
    const found = await repository.findOne({ where: { id: parseId(id, ${literal(names.label)}) }${readOptions} });
    if (found === null) throw notFound(${literal(names.label)});
    return found;
  }

  router.post("/", async (request, response) => {
    ${createBody(resource)}
    const created = await read(id);
    response.status(201).location(\`${path}/\${id}\`).json(present${pascal}(created));
  });

  router.get("/", async (request, response) => {
    const query = parseInput(${camel}Query, request.query);
    const descending = query.sort.startsWith("-");
    const list = repository
      .createQueryBuilder("item")
      .orderBy(\`item.\${descending ? query.sort.slice(1) : query.sort}\`, descending ? "DESC" : "ASC")
      .addOrderBy("item.id")
      .take(query.limit)
      .skip(query.offset);
    ${listConditions(resource).join("\n    ")}
    const [rows, total] = await list.getManyAndCount();
    response.json({ items: rows.map(present${pascal}), total, limit: query.limit, offset: query.offset });
  });

  router.get("/:id", async (request, response) => {
    response.json(present${pascal}(await read(request.params.id)));
  });

  router.patch("/:id", async (request, response) => {
    ${changeBody(resource)}
    response.json(present${pascal}(await read(row.id)));
  });

  router.delete("/:id", async (request, response) => {
    const { id } = await read(request.params.id);
    await repository.delete(id);
    response.status(204).end();
  });

  return router;
}
`.replace("{ contains, parseId", searchFields(resource).length > 0 ? "{ contains, parseId" : "{ parseId");
}

function targetImports({ names, manyToMany }: Resource): string {
  const targets = new Map(manyToMany.map(({ target }) => [target.pascal, target]));
  targets.delete(names.pascal);
  return [...targets.values()]
    .map(
      (target) => `import { ${target.pascal} } from "../${target.kebabPlural}/${target.kebab}.entity.js";\n`,
    )
    .join("");
}

function createBody({ names, manyToMany }: Resource): string {
  if (manyToMany.length === 0) {
    return `const input = parseInput(${names.camel}Input, request.body);
    const { id } = await repository.save(repository.create(input));`;
  }
  return `const { ${manyToMany.map(({ idsName }) => idsName).join(", ")}, ...values } = parseInput(${names.camel}Input, request.body);
    const row = repository.create(values);
    ${manyToMany.map(assignRelated).join("\n    ")}
    const { id } = await repository.save(row);`;
}

function changeBody({ names, manyToMany }: Resource): string {
  if (manyToMany.length === 0) {
    return `const changes = parseInput(${names.camel}Changes, request.body);
    const row = await read(request.params.id);
    await repository.save(Object.assign(row, changes));`;
  }
  return `const { ${manyToMany.map(({ idsName }) => idsName).join(", ")}, ...changes } = parseInput(${names.camel}Changes, request.body);
    const row = Object.assign(await read(request.params.id), changes);
    ${manyToMany.map(assignRelated).join("\n    ")}
    await repository.save(row);`;
}

function assignRelated({ idsName, name, target }: ManyToMany): string {
  return `if (${idsName} !== undefined) {
      row.${name} = await findAll(dataSource.getRepository(${target.pascal}), ${idsName}, ${literal(idsName)});
    }`;
}

function listConditions(resource: Resource): string[] {
  const search = searchFields(resource).map(({ name }) => `item.${name} ILIKE :q`);
  const equal = [
    ...filterFields(resource).map(({ name }) => name),
    ...resource.belongsTo.map(({ idName }) => idName),
  ];
  return [
    ...resource.manyToMany.map(({ name }) => `list.leftJoinAndSelect("item.${name}", ${literal(name)});`),
    ...(search.length === 0
      ? []
      : [
          `if (query.q !== undefined) {
      list.andWhere("(${search.join(" OR ")})", { q: contains(query.q) });
    }`,
        ]),
    ...equal.map(
      (name) =>
        `if (query.${name} !== undefined) {
      list.andWhere("item.${name} = :${name}", { ${name}: query.${name} });
    }`,
    ),
    ...resource.manyToMany.map((relation) => {
      const { table, ownColumn, targetColumn } = relation;
      const name = linkFilterName(resource, relation);
      const sql = `EXISTS (SELECT 1 FROM "${table}" "link" WHERE "link"."${ownColumn}" = item.id AND "link"."${targetColumn}" = :${name})`;
      return `if (query.${name} !== undefined) {
      list.andWhere(\`${sql}\`, { ${name}: query.${name} });
    }`;
    }),
  ];
}
