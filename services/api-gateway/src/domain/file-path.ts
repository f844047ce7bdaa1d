import { ProblemError } from "@vibe-friend/service-kit/problem-error";

const MAX_LENGTH = 400;

/**
 * The path of a generated file as it stands in the store: relative, with slashes, inside its root.
 *
 * @throws {ProblemError} invalid_path for anything that could leave the root
 */
export function parseFilePath(path: string): string {
  const isInside =
    path.length <= MAX_LENGTH &&
    !/[\\\u0000-\u001f\u007f]/.test(path) &&
    !/^[a-z]:/i.test(path) &&
    path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
  if (!isInside)
    throw new ProblemError("invalid_path", { detail: "A path is relative and stays inside its folder" });
  return path;
}
