import { randomUUID } from "node:crypto";
import type { GenerationLedger } from "../history/generation-ledger";
import type { LiveSubscriber } from "../history/live-subscriber";
import { nowMs } from "../measure/clock";
import type { RequestKind, SampleLog } from "../measure/samples";
import { startArrivals, type Arrivals } from "./arrivals";
import { askProduct, type GatewayUrls, type ProductAnswer } from "./ask-product";
import type { HttpQuestion, HttpSender } from "./http-sender";
import type { Person, SignedIn } from "./people";
import { pick, type Random } from "./random";

/** Somebody with an open browser. */
export interface Watcher {
  readonly person: Person;
  readonly subscriber: LiveSubscriber;
}

export interface TrafficParts {
  readonly sender: HttpSender;
  readonly urls: GatewayUrls;
  readonly watchers: readonly Watcher[];
  readonly admin: SignedIn;
  readonly random: Random;
  readonly log: SampleLog;
  readonly ledger: GenerationLedger;
}

/** Arrivals a second. */
export interface TrafficRates {
  readonly reads: number;
  readonly submits: number;
}

/** Reads, by their share of all reads. */
const reading: readonly RequestKind[] = ["session", "session", "list", "admin"];

const prompts = [
  "a library with books (title, isbn unique, pages int) that belong to authors (name, email)",
  "a shop with products (name, price int) and orders that belong to customers (name, email)",
  "a tracker of issues (title, state) that belong to projects (name, key unique)",
];

/** A crowd that waits longer than this has gone elsewhere. */
const maxWaiting = 8_000;

/** People at work: they look whether they are signed in, at their list, an admin at the figures, and they submit. */
export class Traffic {
  private phase = "";
  private waiting = 0;
  private turn = 0;
  private readonly arrivals: { readonly reads: Arrivals; readonly submits: Arrivals };

  constructor(private readonly parts: TrafficParts) {
    this.arrivals = {
      reads: startArrivals(parts.random, (dueAt) => void this.read(dueAt)),
      submits: startArrivals(parts.random, (dueAt) => void this.submit(dueAt)),
    };
  }

  /** What is acknowledged from now on belongs to this phase. */
  beginPhase(phase: string): void {
    this.phase = phase;
  }

  setRates({ reads, submits }: TrafficRates): void {
    this.arrivals.reads.setRate(reads);
    this.arrivals.submits.setRate(submits);
  }

  /** Requests that have arrived and have no answer yet. */
  countWaiting(): number {
    return this.waiting;
  }

  stop(): void {
    this.arrivals.reads.stop();
    this.arrivals.submits.stop();
  }

  async read(dueAt: number): Promise<void> {
    const { random, watchers, admin } = this.parts;
    const kind = pick(random, reading);
    const { cookie } = kind === "admin" ? admin : pick(random, watchers).person;
    await this.ask(kind, dueAt, { method: "GET", path: pathOf(kind), headers: { cookie } });
  }

  /** @returns the generation's id once it is acknowledged */
  async submit(dueAt: number): Promise<string | undefined> {
    const { random, watchers, ledger } = this.parts;
    const { person, subscriber } = pick(random, watchers);
    const key = randomUUID();
    const { phase } = this;
    ledger.offer(key);
    const { outcome, answer } = await this.ask("submit", dueAt, {
      method: "POST",
      path: "/generations",
      headers: { cookie: person.cookie, "x-csrf-token": person.csrfToken, "idempotency-key": key },
      body: { prompt: pick(random, prompts) },
    });
    if (outcome !== "ok" || answer === undefined) return undefined;
    const { id } = (JSON.parse(answer.body) as { generation: { id: string } }).generation;
    ledger.acknowledge(id, phase, subscriber);
    return id;
  }

  private async ask(kind: RequestKind, dueAt: number, question: HttpQuestion): Promise<ProductAnswer> {
    const { sender, urls, log } = this.parts;
    if (this.waiting >= maxWaiting) {
      const lost = {
        outcome: "error",
        retried: false,
        reason: `${maxWaiting} were waiting already`,
      } as const;
      log.add({ kind, dueAt, latencyMs: 0, ...lost });
      return lost;
    }
    this.waiting += 1;
    this.turn += 1;
    const first = this.turn % urls.length;
    const answered = await askProduct(sender, [...urls.slice(first), ...urls.slice(0, first)], question);
    this.waiting -= 1;
    const { outcome, retried, reason } = answered;
    const latencyMs = nowMs() - dueAt;
    log.add({ kind, dueAt, latencyMs, outcome, retried, ...(reason === undefined ? {} : { reason }) });
    return answered;
  }
}

function pathOf(kind: RequestKind): string {
  if (kind === "session") return "/auth/session";
  return kind === "admin" ? "/admin/stats" : "/generations?limit=20";
}
