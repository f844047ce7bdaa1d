import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { askProduct, type GatewayUrls } from "./ask-product";
import type { HttpSender } from "./http-sender";

/** A session as its holder knows it. */
export interface SignedIn {
  readonly cookie: string;
  readonly csrfToken: string;
}

/** Somebody with an account, signed in. */
export interface Person extends SignedIn {
  readonly email: string;
  readonly userId: string;
}

const password = "a long enough password for a drill";
const patienceMs = 30_000;

/** One after the other: each costs the product a password hash. */
export async function registerPeople(
  sender: HttpSender,
  urls: GatewayUrls,
  count: number,
): Promise<Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const email = `${randomUUID()}@example.org`;
    const { session, body } = await enter({ sender, urls }, "/auth/register", { email, password });
    people.push({ ...session, email, userId: body.user.id });
  }
  return people;
}

export async function signIn(
  door: { readonly sender: HttpSender; readonly urls: GatewayUrls },
  email: string,
  secret = password,
): Promise<SignedIn> {
  return (await enter(door, "/auth/login", { email, password: secret })).session;
}

/** Tries again until it is let in: the first admin's account is made behind the product's start. */
async function enter(
  { sender, urls }: { readonly sender: HttpSender; readonly urls: GatewayUrls },
  path: string,
  body: Readonly<Record<string, string>>,
) {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { outcome, answer, reason } = await askProduct(sender, urls, { method: "POST", path, body });
    const [cookie = ""] = answer?.headers["set-cookie"]?.[0]?.split(";") ?? [];
    if (outcome === "ok" && answer !== undefined && cookie !== "") {
      const entered = JSON.parse(answer.body) as { csrfToken: string; user: { id: string } };
      return { session: { cookie, csrfToken: entered.csrfToken }, body: entered };
    }
    if (Date.now() > deadline) throw new Error(`${path} was not answered well: ${reason ?? "no reason"}`);
    await sleep(500);
  }
}
