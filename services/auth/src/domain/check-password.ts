import { dictionary } from "@zxcvbn-ts/language-common";
import { invalidPassword } from "./errors";

/** About 49,000 passwords that people really use, most used first, in lower case. */
const common: ReadonlySet<string> = new Set(dictionary["passwords-common"]);

const DEFAULT_MIN_LENGTH = 12;

/**
 * Length and commonness, no composition rules (NIST SP 800-63B).
 *
 * @param minLength the setting `password.minLength`, in characters
 * @throws invalid_request
 */
export function checkNewPassword(password: string, minLength = DEFAULT_MIN_LENGTH): void {
  if (password.length < minLength) throw invalidPassword(`must have at least ${minLength} characters`);
  if (isCommon(password)) throw invalidPassword("is one of the most used passwords");
}

/** In the list, or in it but for digits at the end or being written several times over. */
function isCommon(password: string): boolean {
  const folded = password.normalize("NFKC").toLowerCase();
  const unit = repeatedUnit(folded);
  const candidates = [folded, unit, folded.replace(/\d+$/, ""), unit.replace(/\d+$/, "")];
  return unit.length < 3 || candidates.some((candidate) => candidate === "" || common.has(candidate));
}

/** "abcabcabc" gives "abc"; what doesn't repeat gives itself. */
function repeatedUnit(text: string): string {
  const at = (text + text).indexOf(text, 1);
  return text.slice(0, at);
}
