import { isMark, type Cursor } from "./cursor";
import type { PromptDraft } from "./drafts";
import { readClauses } from "./read-clauses";
import { kindOfPhrase, kindOfTypeWord } from "./field-types";
import { takeNounPhrase } from "./noun-phrase";
import { readFields } from "./read-fields";
import { beginsSentence } from "./sentence-start";
import { splitStatements, type Statement } from "./statements";
import { addFields, evidenceOf, resourceOf, type Reading } from "./reading-state";
import { tokenize } from "./tokens";
import { USUAL_FIELDS } from "./vocabulary";

interface Block {
  readonly key: string;
  readonly indent: number;
}

/** Reads what the text says about resources, fields and relations. Never fails; time grows with the length. */
export function readPrompt(text: string): PromptDraft {
  const tokens = tokenize(text);
  const draft: PromptDraft = { resources: new Map(), relations: [], ignored: [], appWords: new Set() };
  const reading: Reading = { text, tokens, draft, subject: undefined, first: true };
  const statements = splitStatements(tokens);
  let block: Block | undefined;
  statements.forEach((statement, index) => {
    const cursor: Cursor = { tokens, index: statement.start, end: statement.end };
    if (block !== undefined && isInside(block, statement, cursor) && !isResourceLine(cursor)) {
      readBlockLine(reading, block, cursor);
      return;
    }
    if (statement.beginsLine) block = readHeader(reading, statement, statements[index + 1]);
    if (block === undefined) readClauses(reading, cursor);
    reading.first = false;
  });
  return draft;
}

function isInside(block: Block, statement: Statement, cursor: Cursor): boolean {
  const plainLine = !statement.bullet && statement.beginsLine;
  if (plainLine && (beginsSentence(cursor) || (statement.indent === 0 && !hasColon(cursor)))) return false;
  return !statement.heading && (statement.bullet || !statement.beginsLine || statement.indent > block.indent);
}

/** Whether a colon follows the first words, as in `due date: date`. */
function hasColon({ tokens, index, end }: Cursor): boolean {
  return tokens.slice(index, Math.min(index + 5, end)).some((token) => isMark(token, ":"));
}

/** A line such as `Book: title, isbn` among lines such as `title: string`. */
function isResourceLine(cursor: Cursor): boolean {
  const trial: Cursor = { ...cursor };
  const noun = takeNounPhrase(trial);
  if (noun === undefined || isMark(trial.tokens[trial.index], "(") === isMark(trial.tokens[trial.index], ":"))
    return false;
  if (trial.index >= trial.end) return false;
  const inner: Cursor = { ...trial, index: trial.index + 1 };
  const token = inner.tokens[inner.index];
  if (token?.kind !== "word" || kindOfTypeWord(token.lower) !== undefined) return false;
  if (kindOfPhrase([token.lower, inner.tokens[inner.index + 1]?.lower ?? ""]) !== undefined) return false;
  const { fields } = readFields(inner);
  return (
    fields.length >= 2 && !USUAL_FIELDS.has(noun.key) && fields.some((field) => evidenceOf([field]) >= 2)
  );
}

function readBlockLine(reading: Reading, block: Block, cursor: Cursor): void {
  const resource = resourceOf(reading.draft, { key: block.key, words: [] });
  reading.subject = block.key;
  const { fields, ignored } = readFields(cursor);
  addFields(resource, fields, fields.length > 0 ? 1 : 0);
  reading.draft.ignored.push(...ignored);
  if (cursor.index < cursor.end) readClauses(reading, cursor);
}

/** A line that only names a resource, with its fields on the lines below. */
function readHeader(reading: Reading, statement: Statement, next: Statement | undefined): Block | undefined {
  const cursor: Cursor = { tokens: reading.tokens, index: statement.start, end: statement.end };
  const noun = takeNounPhrase(cursor);
  if (noun === undefined || noun.app) return undefined;
  const colon = isMark(reading.tokens[cursor.index], ":") && cursor.index < cursor.end;
  if (colon) cursor.index += 1;
  if (cursor.index < cursor.end || next === undefined || !next.beginsLine || next.heading) return undefined;
  const indent = statement.bullet || statement.heading ? statement.indent : Math.min(statement.indent, 0);
  const deeper = next.indent > statement.indent || (next.bullet && !statement.bullet);
  if (!deeper) return undefined;
  resourceOf(reading.draft, noun);
  return { key: noun.key, indent: statement.bullet ? statement.indent : indent - (next.bullet ? 1 : 0) };
}
