import { randomUUID } from "node:crypto";
import { createClient, type Client } from "@vibe-friend/client/client";
import { createCookieJar, type CookieJar } from "@vibe-friend/client/cookie-jar";
import type { Generation } from "@vibe-friend/contracts/generation";
import { isEnded } from "@vibe-friend/contracts/generation";
import { waitFor } from "./wait-for";

export const password = "correct horse battery staple";

/** Somebody with an account of their own, signed in. */
export interface Person {
  readonly client: Client;
  readonly jar: CookieJar;
  readonly userId: string;
  readonly email: string;
  readonly csrfToken: string;
}

export async function registerPerson(baseUrl: string): Promise<Person> {
  const jar = createCookieJar();
  const client = createClient({ baseUrl, cookieJar: jar });
  const email = `${randomUUID()}@example.org`;
  const { user, csrfToken } = await client.auth.register({ email, password });
  return { client, jar, userId: user.id, email, csrfToken };
}

/** The same person through another gateway. */
export function clientOf(person: Person, baseUrl: string): Client {
  return createClient({ baseUrl, cookieJar: person.jar });
}

/** Asks until the generation has ended. */
export function waitUntilEnded(client: Client, id: string, timeoutMs = 60_000): Promise<Generation> {
  return waitFor(
    `generation ${id} to end`,
    async () => {
      const generation = await client.generations.get(id);
      return isEnded(generation.status) ? generation : undefined;
    },
    { timeoutMs, everyMs: 200 },
  );
}

/** Every file of a generation as the server holds it now. */
export async function readFiles(client: Client, id: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { path } of await client.generations.files(id)) {
    files.set(path, await client.generations.readFile(id, path));
  }
  return files;
}
