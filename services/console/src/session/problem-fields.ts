import { NetworkError } from "@vibe-friend/client/network-error";
import { ProblemError } from "@vibe-friend/client/problem-error";

export interface FormFaults {
  /** By field, said at the field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Said above the form; undefined when the fields say it all. */
  readonly summary: string | undefined;
}

/** What went wrong with a form, each fault where it belongs. */
export function readFormFaults(error: unknown, fieldNames: readonly string[]): FormFaults {
  if (!(error instanceof ProblemError)) return { fields: {}, summary: describeError(error) };
  if (error.code === "email_taken" && fieldNames.includes("email")) {
    return { fields: { email: error.problem.title }, summary: undefined };
  }
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { path, message } of error.problem.errors ?? []) {
    const name = path.replace(/^(\/|body[./])/, "");
    if (fieldNames.includes(name)) fields[name] ??= sentence(message);
    else others.push(sentence(message));
  }
  const isSaid = Object.keys(fields).length > 0 && others.length === 0;
  return { fields, summary: isSaid ? undefined : (others[0] ?? describeError(error)) };
}

/** One sentence for people. */
export function describeError(error: unknown): string {
  if (error instanceof ProblemError) {
    const { detail, title } = error.problem;
    return sentence(detail ?? title) + describePause(error.retryAfterMs);
  }
  if (error instanceof NetworkError)
    return "The server can't be reached. Check the connection and try again.";
  return "Something unexpected happened. Try again.";
}

function describePause(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined || retryAfterMs < 1_000) return "";
  const seconds = Math.ceil(retryAfterMs / 1_000);
  return seconds < 90
    ? ` Try again in ${seconds} seconds.`
    : ` Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
