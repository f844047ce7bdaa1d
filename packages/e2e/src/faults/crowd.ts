import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@vibe-friend/client/client";
import { clientOf, registerPerson, type Person } from "../person";
import { connectSubscriber, type RawSubscriber } from "../raw-subscriber";
import { followOverSse, type SseSubscriber } from "../sse-subscriber";
import { waitFor } from "../wait-for";
import type { SeededRandom } from "./seeded-random";

/** A generation that was answered with 202. */
export interface Acknowledged {
  readonly id: string;
  readonly person: CrowdPerson;
  readonly engine: "builtin" | "llm";
  /** A cancel was answered. */
  isCancelled: boolean;
  readonly sse: SseSubscriber | undefined;
}

/** Somebody who works through one gateway, watches through another, and takes the other when one is down. */
export interface CrowdPerson {
  readonly person: Person;
  readonly clients: readonly Client[];
  readonly subscriber: RawSubscriber;
}

export interface Crowd {
  readonly people: readonly CrowdPerson[];
  readonly acknowledged: Acknowledged[];
  /** What one key was answered with, where that was more than one generation. */
  readonly doubled: string[];
  /** One submission, with one key however often it takes; seen on a socket, some over SSE too. */
  submit(who: CrowdPerson, random: SeededRandom): Promise<Acknowledged>;
  /** The same submission many times at once, through every gateway. */
  submitManyTimes(who: CrowdPerson, times: number): Promise<void>;
  /** Keys that were sent and never answered: there may be a generation for each. */
  unanswered(): number;
  cancel(generation: Acknowledged): Promise<void>;
  /** The sockets have seen the end of everything that was acknowledged. */
  hasSeenEverything(): boolean;
  close(): void;
}

interface CrowdOptions {
  readonly urls: () => readonly string[];
  readonly size: number;
  /** Share of generations written by the language model, of those followed over SSE; 0 to 1. */
  readonly llmShare: number;
  readonly sseShare: number;
}

const prompts = [
  "a library with books (title, pages int) that belong to authors (name, email)",
  "a shop with products (name, price decimal)",
  "a clinic with patients (name, bornAt date) who have visits (at date, notes text)",
];
const patience = { timeoutMs: 180_000, everyMs: 300 };

export async function gatherCrowd({ urls, size, llmShare, sseShare }: CrowdOptions): Promise<Crowd> {
  const acknowledged: Acknowledged[] = [];
  const doubled: string[] = [];
  let unanswered = 0;
  const people: CrowdPerson[] = [];
  for (let index = 0; index < size; index += 1) people.push(await join(urls(), index));

  function add(
    id: string,
    engine: Acknowledged["engine"],
    follow: Pick<CrowdPerson, "subscriber" | "person" | "clients"> & { sse: boolean },
  ): Acknowledged {
    const { sse, ...person } = follow;
    const cookie = person.person.jar.header();
    const generation: Acknowledged = {
      ...{ id, person, engine, isCancelled: false },
      sse: sse ? followOverSse(id, { urls, cookie }) : undefined,
    };
    acknowledged.push(generation);
    person.subscriber.watch(id);
    return generation;
  }

  return {
    people,
    acknowledged,
    doubled,
    async submit(who, random) {
      const engine = random.next() < llmShare ? ("llm" as const) : ("builtin" as const);
      const prompt = `${random.pick(prompts)}, number ${acknowledged.length}`;
      const sse = random.next() < sseShare;
      const idempotencyKey = randomUUID();
      let turn = random.between(0, 1);
      const { id } = await waitFor(
        "an acknowledgement",
        () => {
          turn += 1;
          return pickClient(who, turn).generations.submit({ prompt, engine }, { idempotencyKey });
        },
        patience,
      );
      return add(id, engine, { ...who, sse });
    },
    async submitManyTimes(who, times) {
      const idempotencyKey = randomUUID();
      const body = { prompt: prompts[0] ?? "", engine: "builtin" as const };
      const answers = await Promise.allSettled(
        Array.from({ length: times }, (_, turn) =>
          pickClient(who, turn).generations.submit(body, { idempotencyKey }),
        ),
      );
      const ids = new Set(
        answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value.id] : [])),
      );
      if (ids.size > 1) doubled.push(...ids);
      const [id] = ids;
      if (id === undefined) unanswered += 1;
      else add(id, "builtin", { ...who, sse: false });
    },
    unanswered: () => unanswered,
    async cancel(generation) {
      await sleep(100);
      // Too late is an answer too.
      const answer = await pickClient(generation.person, 0)
        .generations.cancel(generation.id)
        .catch(() => undefined);
      if (answer?.status === "cancelled") generation.isCancelled = true;
    },
    hasSeenEverything: () =>
      acknowledged.every(
        ({ id, person, sse }) => person.subscriber.hasEnded(id) && (sse === undefined || sse.hasEnded()),
      ),
    close() {
      for (const { sse } of acknowledged) sse?.close();
      for (const { subscriber, clients } of people) {
        subscriber.close();
        for (const client of clients) client.close();
      }
    },
  };
}

async function join(urls: readonly string[], index: number): Promise<CrowdPerson> {
  const at = (turn: number): string => urls[(index + turn) % urls.length] ?? "";
  const person = await registerPerson(at(0));
  const other = clientOf(person, at(1));
  // A client learns its CSRF token with its session.
  await other.auth.session();
  const subscriber = connectSubscriber(at(1), { cookie: person.jar.header() });
  return { person, clients: [person.client, other], subscriber };
}

function pickClient({ clients, person }: CrowdPerson, turn: number): Client {
  return clients[turn % clients.length] ?? person.client;
}
