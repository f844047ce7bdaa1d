const MAX_LENGTH = 240;
const MAX_DEPTH = 12;
const MAX_SEGMENT_LENGTH = 100;
const WINDOWS_RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;
const FORBIDDEN_CHARACTERS = /[\u0000-\u001f\u007f<>:"|?*\\]/;

/** A generated path that would leave its folder, or that some file system can't hold. */
export class InvalidFilePath extends Error {
  override readonly name = "InvalidFilePath";
  readonly code = "invalid_file_path";

  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`The file name ${JSON.stringify(path.slice(0, MAX_LENGTH))} ${reason}.`);
  }
}

/**
 * Accepts a path relative to the project's root, with forward slashes, that every common file system can
 * hold: at most 240 characters, 12 levels, 100 characters a name.
 *
 * @throws {InvalidFilePath} absolute, `..`, backslash, NUL or control character, drive, reserved, too long or deep
 */
export function parseFilePath(path: string): string {
  const refuse = (reason: string): never => {
    throw new InvalidFilePath(path, reason);
  };
  if (path.length === 0) refuse("is empty");
  if (path.length > MAX_LENGTH) refuse(`is longer than ${MAX_LENGTH} characters`);
  if (path.startsWith("/")) refuse("is absolute");
  if (FORBIDDEN_CHARACTERS.test(path)) refuse("has a character that file names can't have");
  const segments = path.split("/");
  if (segments.length > MAX_DEPTH) refuse(`is deeper than ${MAX_DEPTH} folders`);
  for (const segment of segments) {
    if (segment === "") refuse("has an empty folder name");
    if (segment === "." || segment === "..") refuse("leaves its folder");
    if (segment.length > MAX_SEGMENT_LENGTH) refuse(`has a name over ${MAX_SEGMENT_LENGTH} characters`);
    if (/[. ]$/.test(segment)) refuse("has a name that ends in a dot or a space");
    if (WINDOWS_RESERVED.test(segment)) refuse("has a reserved name");
    if (segment.toLowerCase() === ".git") refuse("writes into a .git folder");
  }
  return path;
}
