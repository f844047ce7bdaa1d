import type { BelongsTo, ManyToMany, Resource } from "../project-model";
import { linkFilterName, literal } from "./naming";

/** Tests of a relation to one; `PATH` and `NEW` stand for the resource's path and a new body. */
export function belongsToTests(resource: Resource, relation: BelongsTo): string[] {
  const { idName, label, required, target } = relation;
  const own = `new${target.pascal}`;
  const targetPath = `/${target.kebabPlural}`;
  const unknown = `it(${literal(`refuses ${label} ids that name nothing`)}, async () => {
    const answer = await service.request("POST", "PATH", { ...(NEW), ${idName}: randomUUID() });
    assert.equal(answer.status, 422);
    assert.equal((answer.body.errors as { path: string }[])[0]?.path, ${literal(idName)});
  });`;
  const list = `it(${literal(`lists those of one ${label}`)}, async () => {
    const target = await service.create(${literal(targetPath)}, await ${own}());
    const mine = await service.create("PATH", { ...(NEW), ${idName}: target.id });
    await service.create("PATH", NEW);
    const { body } = await service.request("GET", \`PATH?${idName}=\${target.id}\`);
    assert.deepEqual((body.items as Row[]).map(({ id }) => id), [mine.id]);
  });`;
  const keep = `it(${literal(`keeps ${label} rows that are still needed`)}, async () => {
    const created = await service.create("PATH", NEW);
    const needed = \`${targetPath}/\${created.${idName} as string}\`;
    assert.equal((await service.request("DELETE", needed)).status, 409);
    assert.equal((await service.request("DELETE", \`PATH/\${created.id}\`)).status, 204);
    assert.equal((await service.request("DELETE", needed)).status, 204);
  });`;
  const empty = `it(${literal(`stays when its ${label} is deleted`)}, async () => {
    const target = await service.create(${literal(targetPath)}, await ${own}());
    const created = await service.create("PATH", { ...(NEW), ${idName}: target.id });
    assert.equal((await service.request("DELETE", \`${targetPath}/\${target.id}\`)).status, 204);
    const { body } = await service.request("GET", \`PATH/\${created.id}\`);
    assert.equal(body.${idName}, null);
  });`;
  const once = `it(${literal(`allows only one for each ${label}`)}, async () => {
    const target = await service.create(${literal(targetPath)}, await ${own}());
    await service.create("PATH", { ...(NEW), ${idName}: target.id });
    const answer = await service.request("POST", "PATH", { ...(NEW), ${idName}: target.id });
    assert.equal(answer.status, 409);
  });`;
  // A target that this very kind of row needs in turn can't be deleted on its own.
  return [unknown, list, required ? keep : empty, ...(relation.unique ? [once] : [])];
}

/** The test of a relation to many, with the same placeholders. */
export function manyToManyTest(resource: Resource, relation: ManyToMany): string {
  const { idsName, label, target } = relation;
  const path = literal(`/${target.kebabPlural}`);
  return `it(${literal(`links ${label} and unlinks them`)}, async () => {
    const one = await service.create(${path}, await new${target.pascal}());
    const two = await service.create(${path}, await new${target.pascal}());
    const created = await service.create("PATH", { ...(NEW), ${idsName}: [one.id, two.id] });
    assert.deepEqual((created.${idsName} as string[]).sort(), [one.id, two.id].sort());
    const list = await service.request("GET", \`PATH?${linkFilterName(resource, relation)}=\${one.id}\`);
    const items = list.body.items as Row[];
    assert.deepEqual(items.map(({ id }) => id), [created.id]);
    assert.equal((items[0]?.${idsName} as string[]).length, 2, "a filter doesn't hide the other links");
    const changed = await service.request("PATCH", \`PATH/\${created.id}\`, { ${idsName}: [two.id] });
    assert.deepEqual(changed.body.${idsName}, [two.id]);
    const unknown = await service.request("PATCH", \`PATH/\${created.id}\`, { ${idsName}: [randomUUID()] });
    assert.equal(unknown.status, 422);
  });`;
}
