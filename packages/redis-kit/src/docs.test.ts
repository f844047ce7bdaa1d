import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import ts from "typescript";
import { parseRedisConfig } from "./config";

jest.setTimeout(120_000);

const root = join(__dirname, "..");
const pages = ["README.md", "docs/recipes.md", "docs/recipes-state.md", "docs/postgres-journal.md"];
/** Of the library's own tests; the doubles beside them are for everybody. */
const ownFixtures = /testing\/(two-processes|breakable-journal|cut-off-proxy)/;
/** What is checked is what a reader finds in options.md under a function's or a type's name. */
const documented = /^(create|connect|watch|drain|keep|inspect|save)[A-Z]/;
const callOptions = /^(CacheSource|ManySource|WriteThroughSource|CacheEntry|GuardedOperation|AddJobOptions)$/;

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The page's code as one module, on the lines it has in the page. */
function codeOf(page: string): string {
  let inside = false;
  const lines = read(page)
    .split("\n")
    .map((line) => {
      const isFence = line.startsWith("```");
      const isCode = inside && !isFence;
      if (isFence) inside = line === "```ts";
      return isCode ? line : "";
    });
  return lines.join("\n");
}

const virtual = new Map(pages.map((page) => [join(root, "src", `${page.replace(/\W/g, "-")}.mts`), page]));

/** The public files and the pages' code, with the package known by its own name. */
const program = (() => {
  const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, { source: string }> };
  const sources = Object.values(exports).map(({ source }) => source);
  const publicFiles = sources
    .filter((source) => !ownFixtures.test(source))
    .map((source) => join(root, source));
  const { options } = ts.parseJsonConfigFileContent(
    { extends: "../../tsconfig.base.json", files: [] },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => {
    const page = virtual.get(path);
    return page === undefined ? readFile(path) : codeOf(page);
  };
  host.getSourceFile = (path, language, ...rest) => {
    const page = virtual.get(path);
    return page === undefined
      ? getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, codeOf(page), language, true);
  };
  return {
    publicFiles,
    ...ts.createProgram({ rootNames: [...publicFiles, ...virtual.keys()], options, host }),
  };
})();
const checker = program.getTypeChecker();

function isObjectOfOptions(type: ts.Type): boolean {
  const name = (type.aliasSymbol ?? type.getSymbol())?.name ?? "";
  const isLiteral = type.aliasSymbol === undefined && name === "__type";
  return (isLiteral || /(Options|Budget)$/.test(name)) && type.getCallSignatures().length === 0;
}

/** Names of the properties, those of nested options as `memory.maxBytes`. */
function namesIn(type: ts.Type, prefix = ""): string[] {
  return checker.getPropertiesOfType(type).flatMap((property) => {
    const inner = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    const isNested = isObjectOfOptions(inner) && checker.getPropertiesOfType(inner).length > 0;
    return isNested ? namesIn(inner, `${prefix}${property.name}.`) : [`${prefix}${property.name}`];
  });
}

function parametersOf(signature: ts.Signature): string[] {
  return signature.parameters.flatMap((parameter) => {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
    return isObjectOfOptions(type) ? namesIn(type) : [parameter.name];
  });
}

function optionsInCode(): Map<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const path of program.publicFiles) {
    const file = program.getSourceFile(path);
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`package.json exports ${path}, which has nothing`);
    for (const exported of checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
      const [signature] = documented.test(symbol.name)
        ? checker.getTypeOfSymbol(symbol).getCallSignatures()
        : [];
      const names =
        signature !== undefined
          ? parametersOf(signature)
          : callOptions.test(symbol.name)
            ? namesIn(checker.getDeclaredTypeOfSymbol(symbol))
            : [];
      if (names.length > 0) found.set(symbol.name, new Set(names));
    }
  }
  return found;
}

/**
 * A heading with a name in backticks owns the names in the first cells of the tables below it;
 * `name(option, option)` in a first cell says it all.
 */
function optionsIn(page: string): Map<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  let owner = "";
  for (const line of read(page).split("\n")) {
    if (line.startsWith("#")) owner = /`(\w+)`/.exec(line)?.[1] ?? "";
    const cell = /^\| (`[^|]*) \|/.exec(line)?.[1] ?? "";
    for (const [, name = "", all] of cell.matchAll(/`([\w.]+)(?:\(([^`)]*)\))?`/g)) {
      if (all === undefined) found.set(owner, (found.get(owner) ?? new Set()).add(name));
      else found.set(name, new Set(all.split(", ")));
    }
  }
  return found;
}

/** Every name that is asked for when both roles are there and use TLS. */
function variablesInCode(): Set<string> {
  const asked = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>(
    { REDIS_TLS: "true" },
    {
      get(given, name) {
        asked.add(String(name));
        return given[String(name)];
      },
    },
  );
  parseRedisConfig(env);
  return asked;
}

function listDifferences(code: ReadonlyMap<string, ReadonlySet<string>>, page: typeof code) {
  const flat = (from: typeof code) =>
    [...from].flatMap(([owner, names]) => [...names].map((name) => `${owner}: ${name}`));
  const [inCode, inPage] = [new Set(flat(code)), new Set(flat(page))];
  return {
    missing: [...inCode].filter((one) => !inPage.has(one)),
    unknown: [...inPage].filter((one) => !inCode.has(one)),
  };
}

const nothing = { missing: [], unknown: [] };

it("names every option of the public functions in docs/options.md, and no other", () => {
  expect(listDifferences(optionsInCode(), optionsIn("docs/options.md"))).toEqual(nothing);
});

it("names every variable that is read in docs/variables.md, and no other", () => {
  const code = new Map([["parseRedisConfig", variablesInCode()]]);
  expect(listDifferences(code, optionsIn("docs/variables.md"))).toEqual(nothing);
});

it.each([...virtual].map(([path, page]) => [page, path] as const))(
  "shows only code that compiles: %s",
  (page, path) => {
    const file = program.getSourceFile(path);
    const faults = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    expect(
      faults.map(({ start = 0, messageText }) => {
        const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
        return `${page}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      }),
    ).toEqual([]);
    expect(codeOf(page).trim()).not.toBe("");
  },
);

/** The README's code as a function of what it finds around it. */
type Start = (load: NodeJS.Require, exports: object, ...around: readonly object[]) => Promise<void>;

it("starts as the README says, also without Redis", async () => {
  const { outputText } = ts.transpileModule(codeOf("README.md"), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
  });
  const printed: unknown[] = [];
  const names = ["require", "exports", "process", "console"];
  const start = compileFunction(`return (async () => {${outputText}})()`, names) as Start;
  const surroundings = { env: { REDIS_URL: "none" } };
  await start(require, {}, surroundings, { log: (...words: unknown[]) => printed.push(words) });
  expect(printed).toEqual([["degraded", "source", ["Ada", "Grace"]]]);
});
