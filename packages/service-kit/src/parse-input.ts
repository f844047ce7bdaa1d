import type { z } from "zod";
import type { InputError } from "@vibe-friend/contracts/problem";
import { ProblemError } from "./problem-error";

/**
 * Reads input through its schema.
 *
 * @param place where it stood (`query`, `headers`…), put before each path; none for a body
 * @throws {ProblemError} invalid_request with every fault
 */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, place = ""): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new ProblemError("invalid_request", { errors: describeIssues(result.error.issues, place) });
}

function describeIssues(issues: readonly z.core.$ZodIssue[], place: string): InputError[] {
  return issues.slice(0, 50).flatMap((issue) => {
    const path = [...(place === "" ? [] : [place]), ...issue.path.map(String)];
    if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "is not known here" }));
  });
}
