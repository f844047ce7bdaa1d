import { parse, parseExpression, type ParserPlugin } from "@babel/parser";
import { parseAllDocuments } from "yaml";
import { cutText } from "../well-formed-text";

/** Parsing holds the process up; what is longer than this is taken as it is. */
const MAX_PARSED_LENGTH = 256 * 1024;
const MAX_MESSAGE_LENGTH = 160;

const COMMENTED_JSON =
  /(?:^|\/)(?:[jt]sconfig[^/]*\.json|\.eslintrc\.json|\.swcrc|\.vscode\/[^/]+\.json|devcontainer\.json)$|\.(?:jsonc|json5|code-workspace)$/i;

/**
 * What is wrong with a file's syntax, undefined where nothing is or where its kind isn't known: JavaScript and
 * TypeScript, JSON (with comments where they are usual), YAML (but for templates of it).
 */
export function findSyntaxError(path: string, content: string): string | undefined {
  if (content.length > MAX_PARSED_LENGTH) return undefined;
  const check = findCheck(path);
  try {
    check?.(content.replace(/^\uFEFF/, ""));
    return undefined;
  } catch (error) {
    // A nesting too deep for the parser says nothing about the file.
    return error instanceof SyntaxError ? `it can't be parsed: ${describe(error)}` : undefined;
  }
}

type Check = (content: string) => void;

function findCheck(path: string): Check | undefined {
  if (COMMENTED_JSON.test(path)) return checkCommentedJson;
  const [, ending] = /\.([a-z0-9]+)$/i.exec(path) ?? [];
  switch (ending?.toLowerCase()) {
    case "json":
      return (content) => void JSON.parse(content);
    case "js":
    case "jsx":
    case "mjs":
    case "cjs":
      return (content) => {
        if (!/@flow\b/.test(content)) checkScript(content, ["jsx"]);
      };
    case "tsx":
      return (content) => {
        checkScript(content, ["typescript", "jsx"]);
      };
    case "ts":
    case "mts":
    case "cts": {
      const dts = /\.d\.[mc]?ts$/i.test(path);
      return (content) => {
        checkScript(content, [["typescript", { dts }]]);
      };
    }
    case "yaml":
    case "yml":
      return checkYaml;
    default:
      return undefined;
  }
}

function checkScript(content: string, plugins: ParserPlugin[]): void {
  parse(content, {
    sourceType: "unambiguous",
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowUndeclaredExports: true,
    attachComment: false,
    plugins: [...plugins, "decorators-legacy", "decoratorAutoAccessors", "explicitResourceManagement"],
  });
}

/** Comments and trailing commas are JavaScript's, so its expressions take them. */
function checkCommentedJson(content: string): void {
  parseExpression(content, { attachComment: false });
}

function checkYaml(content: string): void {
  // Helm, Jinja and the like aren't YAML until they are rendered; ${{ }} of a workflow is.
  if (/(?<!\$)\{\{|\{%/.test(content)) return;
  for (const document of parseAllDocuments(content, { logLevel: "silent", merge: true })) {
    const [error] = document.errors;
    if (error === undefined) continue;
    if (/call stack/i.test(error.message)) return;
    throw new SyntaxError(error.message);
  }
}

function describe({ message }: SyntaxError): string {
  const [line = ""] = message.split("\n");
  return cutText(line.replace(/:$/, ""), MAX_MESSAGE_LENGTH);
}
