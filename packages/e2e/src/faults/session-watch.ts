import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type Client } from "@vibe-friend/client/client";
import { createCookieJar } from "@vibe-friend/client/cookie-jar";
import type { Stack } from "@vibe-friend/local-stack/stack";
import type { Revocation, SessionProbe } from "../history/session-checks";
import { password, registerPerson } from "../person";
import { waitFor } from "../wait-for";

const probeEveryMs = 250;
const aliveMs = 2_000;
const afterwardsMs = 6_000;

/** Somebody who signs in and out all the time, and asks every gateway with every cookie, also with the ended ones. */
export interface SessionWatch {
  readonly probes: SessionProbe[];
  readonly revocations: Revocation[];
  /** Resolves when the last session's time is over. */
  stop(): Promise<void>;
}

export async function watchSessions(stack: Stack): Promise<SessionWatch> {
  const probes: SessionProbe[] = [];
  const revocations: Revocation[] = [];
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const { email } = await registerPerson(stack.url);

  async function probe(session: string, cookie: string): Promise<void> {
    await Promise.all(
      stack.urls.map(async (url, index) => {
        const sentAt = Date.now();
        const status = await fetch(`${url}/api/v1/auth/session`, {
          headers: { cookie },
          signal: AbortSignal.timeout(10_000),
        }).then(
          async (response) => {
            await response.arrayBuffer();
            return response.status;
          },
          () => undefined,
        );
        probes.push({ session, gateway: `api-gateway-${index + 1}`, sentAt, answeredAt: Date.now(), status });
      }),
    );
  }

  async function probeFor(session: string, cookie: string, until: () => boolean): Promise<void> {
    const open = new Set<Promise<void>>();
    while (!until()) {
      const asked = probe(session, cookie).finally(() => open.delete(asked));
      open.add(asked);
      await sleep(probeEveryMs);
    }
    await Promise.all(open);
  }

  async function live(turn: number): Promise<void> {
    const url = stack.urls[turn % stack.urls.length] ?? stack.url;
    const jar = createCookieJar();
    const client = createClient({ baseUrl: url, cookieJar: jar });
    const signedIn = await client.auth.login({ email, password }).catch(() => undefined);
    const cookie = jar.header();
    if (signedIn === undefined || cookie === undefined) return;
    const session = signedIn.session.id;
    let over = Infinity;
    const probing = probeFor(session, cookie, () => Date.now() > over);
    await sleep(aliveMs);
    const askedAt = Date.now();
    const answeredAt = await signOut(client);
    if (answeredAt !== undefined) revocations.push({ session, askedAt, answeredAt });
    over = Date.now() + (answeredAt === undefined ? 0 : afterwardsMs);
    await probing;
    client.close();
    // Nobody knows what became of a sign-out that was never answered.
    if (answeredAt === undefined) forget(session);
  }

  function forget(session: string): void {
    const kept = probes.filter((each) => each.session !== session);
    probes.splice(0, probes.length, ...kept);
  }

  const turns = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const life = live(turn).finally(() => running.delete(life));
      running.add(life);
      await sleep(aliveMs);
    }
    await Promise.all(running);
  })();

  return {
    probes,
    revocations,
    async stop() {
      stopping.abort();
      await turns;
    },
  };
}

/** @returns when it was answered; undefined when nobody did within a minute */
async function signOut(client: Client): Promise<number | undefined> {
  try {
    await waitFor(
      "a sign-out",
      async () => {
        await client.auth.logout();
        return true;
      },
      { timeoutMs: 60_000, everyMs: 300 },
    );
    return Date.now();
  } catch {
    return undefined;
  }
}
