import { EngineError } from "../../../domain/generation-engine";
import type { ProjectModel, ReadingNote, Resource } from "../project-model";
import { buildResources } from "./build-resources";
import { describeResource } from "./describe-resource";
import { expandNested, fieldsToRelations } from "./draft-relations";
import type { PromptDraft, ResourceDraft } from "./drafts";
import { findEverydayApp, type EverydayApp } from "./everyday-apps";
import { keyOf } from "./noun-phrase";
import { readPrompt } from "./read-prompt";
import { settleRelations } from "./settle-relations";
import { USUAL_APPS, USUAL_RESOURCES } from "./usual-resources";
import { APP_NOUNS } from "./vocabulary";
import { capitalize, plural, wordsOf } from "./words";

const MAX_RESOURCES = 20;
const MAX_IGNORED_NOTES = 8;
const MAX_QUOTE = 100;
const SURE = 2;
const LIKELY = 1.5;
/** App nouns that also say what the app is about. */
const TELLING = new Set(
  Object.keys(USUAL_APPS).concat(
    "inventory",
    "clinic",
    "school",
    "hotel",
    "gym",
    "restaurant",
    "shelter",
    "marketplace",
    "wiki",
    "forum",
  ),
);

const EXAMPLE =
  "a library with books (title, isbn unique, pages int, publishedAt date) that belong to authors (name, email)";

/**
 * Reads a prompt into the model of a project.
 *
 * @param prompt any text; at most 32,000 characters are looked at
 * @throws {EngineError} `nothing_to_build`: the text names nothing to keep
 */
export function readModel(prompt: string): ProjectModel {
  const text = prompt.slice(0, 32_000);
  const notes: ReadingNote[] = [];
  let draft = readPrompt(text);
  const { appWords, title } = draft;
  let { ignored } = draft;
  expandNested(draft);
  let kept = keepSure(draft);
  let usualTitle: string | undefined;
  if (kept.size === 0) {
    const usual = usualApp(appWords, notes);
    const everyday = usual === undefined ? findEverydayApp(text) : undefined;
    draft = usual ?? everydayApp(everyday, notes) ?? usualThing(appWords) ?? refuse();
    usualTitle = everyday?.title;
    if (everyday !== undefined) ignored = ignored.filter((piece) => findEverydayApp(piece) === undefined);
    expandNested(draft);
    kept = keepSure(draft);
  }
  fieldsToRelations(kept, draft, notes);
  noteDropped(draft, kept, notes);
  limit(kept, notes);
  const relations = settleRelations(draft.relations, new Set(kept.keys()), notes);
  const named = buildResources(kept, relations, notes);
  const resources = inDependencyOrder(named);
  noteIgnored(ignored, notes);
  const name = title ?? usualTitle ?? titleOf(appWords, named);
  return {
    title: name.split(" ").map(capitalize).join(" "),
    packageName: `${name.replaceAll(" ", "-")}-api`,
    resources,
    notes: [...resources.map(describeResource), ...notes],
  };
}

function refuse(): never {
  throw new EngineError(
    "nothing_to_build",
    `The built-in engine found nothing to build in this prompt. Name the things to keep and their fields, for example: "${EXAMPLE}".`,
    { retryable: false },
  );
}

function keepSure(draft: PromptDraft): Map<string, ResourceDraft> {
  for (const least of [SURE, LIKELY]) {
    const sure = [...draft.resources].filter(([, { evidence }]) => evidence >= least);
    if (sure.length > 0) return new Map(sure);
  }
  return new Map();
}

/** What a `todo app` or a `blog` usually keeps, when the prompt says no more than that. */
function usualApp(appWords: ReadonlySet<string>, notes: ReadingNote[]): PromptDraft | undefined {
  const kind = [...appWords].find((word) => Object.hasOwn(USUAL_APPS, word));
  const usual = kind === undefined ? undefined : USUAL_APPS[kind];
  if (kind !== undefined && usual !== undefined) {
    notes.push({
      level: "info",
      message: `The prompt names no resources, so this is what a ${kind} app usually keeps.`,
    });
    return readPrompt(usual);
  }
  return undefined;
}

/** What a `note-taking app` or a `chat` usually keeps. */
function everydayApp(app: EverydayApp | undefined, notes: ReadingNote[]): PromptDraft | undefined {
  if (app === undefined) return undefined;
  notes.push({
    level: "info",
    message: `The prompt names no resources, so this is what a program for a ${app.title} usually keeps.`,
  });
  return readPrompt(app.keeps);
}

/** An app that is named after what it keeps: `a movie database`. */
function usualThing(appWords: ReadonlySet<string>): PromptDraft | undefined {
  const thing = [...appWords].map((word) => keyOf([word])).find((key) => Object.hasOwn(USUAL_RESOURCES, key));
  return thing === undefined ? undefined : readPrompt(`${plural(thing)} (${USUAL_RESOURCES[thing] ?? ""})`);
}

/** Nouns that were taken for resources at first, but of which too little is said. */
function noteDropped(
  draft: PromptDraft,
  kept: ReadonlyMap<string, ResourceDraft>,
  notes: ReadingNote[],
): void {
  const dropped = [...draft.resources.keys()].filter((key) => !kept.has(key)).slice(0, 10);
  if (dropped.length === 0) return;
  notes.push({
    level: "warn",
    message: `Not built, because too little is said about it: ${dropped.join(", ")}.`,
  });
}

function limit(kept: Map<string, ResourceDraft>, notes: ReadingNote[]): void {
  const extra = [...kept.keys()].slice(MAX_RESOURCES);
  for (const key of extra) kept.delete(key);
  if (extra.length > 0) {
    const list = extra.slice(0, 10).join(", ");
    notes.push({
      level: "warn",
      message: `At most ${MAX_RESOURCES} resources are built; left out: ${list}.`,
    });
  }
}

/** Orders so that what a resource requires comes before it. */
function inDependencyOrder(resources: readonly Resource[]): Resource[] {
  const ordered: Resource[] = [];
  const visit = (resource: Resource): void => {
    if (ordered.includes(resource)) return;
    for (const { target, required } of resource.belongsTo) {
      const next = resources.find(({ names }) => names === target);
      if (required && next !== undefined) visit(next);
    }
    if (!ordered.includes(resource)) ordered.push(resource);
  };
  resources.forEach(visit);
  return ordered;
}

function noteIgnored(ignored: readonly string[], notes: ReadingNote[]): void {
  const quotes = [
    ...new Set(
      ignored.map((piece) =>
        piece
          .replace(/[\p{C}\s]+/gu, " ")
          .trim()
          .slice(0, MAX_QUOTE),
      ),
    ),
  ].filter((piece) => /\p{L}/u.test(piece));
  for (const quote of quotes.slice(0, MAX_IGNORED_NOTES)) {
    notes.push({
      level: "warn",
      message: `Ignored, because it says nothing about resources or fields: "${quote}".`,
    });
  }
  const more = quotes.length - MAX_IGNORED_NOTES;
  if (more > 0) notes.push({ level: "warn", message: `Ignored ${more} more pieces of the prompt.` });
}

function titleOf(appWords: ReadonlySet<string>, resources: readonly Resource[]): string {
  const telling = [...appWords].filter((word) => TELLING.has(word) || !APP_NOUNS.has(word)).slice(0, 2);
  const words = wordsOf(telling.join(" "));
  return words.length > 0 ? words.join(" ") : (resources[0]?.names.labelPlural ?? "service");
}
