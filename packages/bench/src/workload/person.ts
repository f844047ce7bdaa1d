import { randomUUID } from "node:crypto";

/** Somebody with an account of their own, signed in as in a browser. */
export interface Person {
  readonly userId: string;
  readonly email: string;
  /** value of the Cookie header */
  readonly cookie: string;
  readonly csrfToken: string;
}

const password = "correct horse battery staple";

export function registerPerson(gatewayUrl: string): Promise<Person> {
  return enter(gatewayUrl, "register", `${randomUUID()}@example.org`);
}

/** Another session of the same person. */
export function signInAgain(gatewayUrl: string, { email }: Person): Promise<Person> {
  return enter(gatewayUrl, "login", email);
}

async function enter(gatewayUrl: string, door: "register" | "login", email: string): Promise<Person> {
  const response = await fetch(`${gatewayUrl}/api/v1/auth/${door}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const body = (await response.json()) as { user?: { id: string }; csrfToken?: string };
  const cookie = response.headers.getSetCookie()[0]?.split(";", 1)[0];
  if (cookie === undefined || body.user === undefined)
    throw new Error(`${door} was answered ${response.status}`);
  const csrfToken = body.csrfToken ?? (await readCsrfToken(gatewayUrl, cookie));
  return { userId: body.user.id, email, cookie, csrfToken };
}

async function readCsrfToken(gatewayUrl: string, cookie: string): Promise<string> {
  const response = await fetch(`${gatewayUrl}/api/v1/auth/session`, { headers: { cookie } });
  return ((await response.json()) as { csrfToken: string }).csrfToken;
}

/** A few at a time: passwords are hashed two at once. */
export async function registerPeople(gatewayUrl: string, count: number): Promise<readonly Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const batch = Array.from({ length: Math.min(8, count - people.length) }, () =>
      registerPerson(gatewayUrl),
    );
    people.push(...(await Promise.all(batch)));
  }
  return people;
}
