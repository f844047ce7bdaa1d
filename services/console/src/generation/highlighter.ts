import type { HLJSApi, LanguageFn } from "highlight.js";

type LoadLanguage = () => Promise<{ default: LanguageFn }>;

/** Each is its own file of the build, loaded when the first file of its kind is shown. */
const languages: Readonly<Record<string, LoadLanguage>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  css: () => import("highlight.js/lib/languages/css"),
  dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
  go: () => import("highlight.js/lib/languages/go"),
  ini: () => import("highlight.js/lib/languages/ini"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  python: () => import("highlight.js/lib/languages/python"),
  sql: () => import("highlight.js/lib/languages/sql"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

const byExtension: Readonly<Record<string, string>> = {
  cjs: "javascript",
  css: "css",
  cts: "typescript",
  env: "ini",
  go: "go",
  html: "xml",
  js: "javascript",
  json: "json",
  jsx: "javascript",
  md: "markdown",
  mjs: "javascript",
  mts: "typescript",
  py: "python",
  sh: "bash",
  sql: "sql",
  svg: "xml",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
};

/** The language of a file by its name, or undefined when it is shown as plain text. */
export function findLanguage(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (name.startsWith("dockerfile")) return "dockerfile";
  if (name.startsWith(".env") || name === ".editorconfig" || name === ".npmrc") return "ini";
  return byExtension[name.slice(name.lastIndexOf(".") + 1)];
}

export type Highlight = (code: string) => string;

const loading = new Map<string, Promise<Highlight>>();
const ready = new Map<string, Highlight>();
let core: Promise<HLJSApi> | undefined;

/** What `loadHighlight` has loaded for the language already. */
export function findHighlight(language: string): Highlight | undefined {
  return ready.get(language);
}

/** Loads what the language needs, once. The result is HTML in which the code is escaped. */
export function loadHighlight(language: string): Promise<Highlight> {
  const known = loading.get(language);
  if (known !== undefined) return known;
  const promise = load(language);
  loading.set(language, promise);
  // A failed download may be tried again with the next file.
  promise.catch(() => loading.delete(language));
  return promise;
}

async function load(language: string): Promise<Highlight> {
  core ??= import("highlight.js/lib/core").then((module) => module.default);
  const [hljs, definition] = await Promise.all([core, languages[language]?.()]);
  if (definition !== undefined) hljs.registerLanguage(language, definition.default);
  const highlight: Highlight = (code) => hljs.highlight(code, { language, ignoreIllegals: true }).value;
  ready.set(language, highlight);
  return highlight;
}
