import { askProduct, type GatewayUrls } from "../load/ask-product";
import type { HttpSender } from "../load/http-sender";
import { signIn, type Person, type SignedIn } from "../load/people";
import { pick, type Random } from "../load/random";
import { nowMs } from "../measure/clock";

/** What became of the sessions that were ended in one phase. */
export interface RevocationAccount {
  readonly signedOut: number;
  /** Still waiting for an answer to their sign-out when the phase ended. */
  readonly unanswered: number;
  /** Tries with a cookie that had been signed out over a second before. */
  readonly tries: number;
  /** Tries that were let in. */
  readonly accepted: number;
  readonly faults: readonly string[];
}

interface Revoked extends SignedIn {
  readonly phase: string;
  readonly revokedAt: number;
}

/** The promise: refused everywhere within a second. */
const graceMs = 1_000;
const tryEveryMs = 200;
const signOutAgainMs = 400;

/** Signs people out, and goes on trying their cookies at every gateway for as long as the drill lasts. */
export class RevokedSessions {
  private prepared: SignedIn[] = [];
  private readonly revoked: Revoked[] = [];
  private readonly accounts = new Map<string, { unanswered: number; tries: number; faults: string[] }>();
  private phase = "";
  private turn = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly parts: {
      readonly sender: HttpSender;
      readonly urls: GatewayUrls;
      readonly people: readonly Person[];
      readonly random: Random;
    },
  ) {
    this.timer = setInterval(() => {
      this.tryRevoked();
    }, tryEveryMs);
  }

  /** Further sessions of people, to be ended later. */
  async prepare(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const person = pick(this.parts.random, this.parts.people);
      this.prepared.push(await signIn(this.parts, person.email));
    }
  }

  beginPhase(phase: string): void {
    this.phase = phase;
  }

  /** Ends all prepared sessions, each as soon as the product can. Answers at once. */
  signOutAll(phase: string): void {
    const leaving = this.prepared;
    this.prepared = [];
    for (const session of leaving) void this.signOut(session, phase);
  }

  readAccount(phase: string): RevocationAccount {
    const { unanswered = 0, tries = 0, faults = [] } = this.accounts.get(phase) ?? {};
    const signedOut = this.revoked.filter((session) => session.phase === phase).length;
    return { signedOut, unanswered, tries, accepted: faults.length, faults: faults.slice(0, 20) };
  }

  close(): void {
    clearInterval(this.timer);
  }

  private accountOf(phase: string) {
    const account = this.accounts.get(phase) ?? { unanswered: 0, tries: 0, faults: [] };
    this.accounts.set(phase, account);
    return account;
  }

  private async signOut(session: SignedIn, phase: string): Promise<void> {
    const { sender, urls } = this.parts;
    const account = this.accountOf(phase);
    account.unanswered += 1;
    const headers = { cookie: session.cookie, "x-csrf-token": session.csrfToken };
    for (;;) {
      const { outcome, answer } = await askProduct(sender, urls, {
        method: "POST",
        path: "/auth/logout",
        headers,
      });
      // Refused as signed out: an earlier try came through, and its answer was lost.
      if (outcome === "ok" || answer?.status === 401) break;
      await new Promise((resolve) => setTimeout(resolve, signOutAgainMs).unref());
    }
    account.unanswered -= 1;
    this.revoked.push({ ...session, phase, revokedAt: nowMs() });
  }

  /** One of the latest and one of all, at every gateway. */
  private tryRevoked(): void {
    if (this.revoked.length === 0) return;
    const own = this.revoked.filter(({ phase }) => phase === this.phase);
    this.turn += 1;
    const latest = own[this.turn % Math.max(1, own.length)];
    for (const session of [latest, pick(this.parts.random, this.revoked)]) {
      if (session !== undefined) for (const url of this.parts.urls) void this.tryOne(session, url);
    }
  }

  private async tryOne({ cookie, revokedAt, phase }: Revoked, url: string): Promise<void> {
    const sentAt = nowMs();
    if (sentAt < revokedAt + graceMs) return;
    const account = this.accountOf(this.phase);
    account.tries += 1;
    const question = { method: "GET", path: "/auth/session", headers: { cookie } } as const;
    const answer = await this.parts.sender.send(url, question).catch(() => undefined);
    if (answer?.status !== 200) return;
    const afterMs = Math.round(sentAt - revokedAt);
    account.faults.push(`a session signed out in "${phase}" was let in by ${url} after ${afterMs} ms`);
  }
}
