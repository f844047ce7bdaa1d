import { isMark } from "./cursor";
import { relationVerbAt } from "./relation-verbs";
import type { Token } from "./tokens";
import { STRUCTURE } from "./vocabulary";

/** A line or a sentence: the tokens from `start` up to `end`. */
export interface Statement {
  readonly start: number;
  readonly end: number;
  /** Columns in front of the first token of the line. */
  readonly indent: number;
  readonly bullet: boolean;
  readonly heading: boolean;
  /** False for a second sentence on the same line. */
  readonly beginsLine: boolean;
}

/** Parts the tokens into lines and sentences; what stands in a closed bracket is never parted. */
export function splitStatements(tokens: readonly Token[]): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let lineStart = 0;
  let beginsLine = true;
  const close = (end: number): void => {
    if (end > start) statements.push(describe(tokens, { start, end, lineStart, beginsLine }));
  };
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.partner !== undefined && token.partner > index) {
      index = token.partner;
      continue;
    }
    const isBreak = token.kind === "break";
    if (isBreak ? goesOn(tokens, index) : !endsSentence(tokens, index)) continue;
    close(index);
    start = index + 1;
    beginsLine = isBreak;
    if (isBreak) lineStart = token.end;
  }
  close(tokens.length);
  return statements;
}

function describe(
  tokens: readonly Token[],
  part: { start: number; end: number; lineStart: number; beginsLine: boolean },
): Statement {
  let { start } = part;
  const indent = Math.max(0, (tokens[start]?.start ?? 0) - part.lineStart);
  let bullet = false;
  let heading = false;
  if (part.beginsLine) {
    while (start < part.end && isMark(tokens[start], "#>")) {
      heading = true;
      start += 1;
    }
    while (start < part.end && isMark(tokens[start], "-*•+–")) {
      bullet = true;
      start += 1;
    }
    if (tokens[start]?.kind === "number" && isMark(tokens[start + 1], ".)")) {
      bullet = true;
      start += 2;
    }
  }
  return { start, end: part.end, indent, bullet, heading, beginsLine: part.beginsLine };
}

function endsSentence(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  const next = tokens[index + 1];
  if (isMark(token, ";")) return true;
  if (isMark(token, ".")) {
    const isNumbered =
      tokens[index - 1]?.kind === "number" && (index < 2 || tokens[index - 2]?.kind === "break");
    return !isNumbered && (next === undefined || next.start > (token?.end ?? 0) || next.kind === "break");
  }
  if (!isMark(token, "!?") || next?.kind !== "word") return false;
  return next.start > (token?.end ?? 0) && next.value !== next.lower;
}

/** Whether a sentence runs on over the end of its line. */
function goesOn(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (isMark(before, ",") || before?.lower === "and" || before?.lower === "or")
    return after?.kind !== "break";
  if (after?.kind !== "word" || after.value !== after.lower) return false;
  if (isMark(tokens[index + 2], ":")) return false;
  if (
    relationVerbAt({ tokens, index: index + 1, end: tokens.length }) !== undefined &&
    !isMark(before, ":")
  ) {
    return !(before?.kind === "break");
  }
  return STRUCTURE.has(after.lower) && before?.kind === "word";
}
