import { Refused } from "./errors";
import type { Person, Sessions } from "./ports";

/**
 * Finds the person behind a handshake.
 *
 * @throws {Refused} `unauthenticated`: the session store says no; `unavailable`: nobody could say
 */
export function createAuthenticate(sessions: Pick<Sessions, "find">) {
  return async function authenticate(token: string | undefined): Promise<Person> {
    if (token === undefined) throw new Refused("unauthenticated");
    const answer = await sessions.find(token);
    if (answer.kind === "unavailable")
      throw new Refused("unavailable", "Sessions can't be checked right now.");
    if (answer.kind === "none") throw new Refused("unauthenticated");
    return answer.person;
  };
}

export type Authenticate = ReturnType<typeof createAuthenticate>;
