import { randomUUID } from "node:crypto";
import type { OpenAiTestServer } from "@vibe-friend/local-stack/testing/openai-test-server";
import { cutFiles, writeFiles } from "@vibe-friend/local-stack/testing/model-scripts";
import type { Stack } from "@vibe-friend/local-stack/stack";
import { checkClaims } from "./history/claim-checks";
import { findDifferences, findFaults, findLost, findResultFaults } from "./history/event-checks";
import { findSequenceFaults } from "./history/inbox-checks";
import { clientOf, registerPerson, waitUntilEnded, type Person } from "./person";
import { connectSubscriber, type RawSubscriber } from "./raw-subscriber";
import { connectWitness, type RowWitness } from "./row-witness";
import type { RunningStack } from "./running-stack";
import { waitFor } from "./wait-for";

/** Where a process may kill itself, as `claims.complete:after`. */
export type CrashPoint = string;

/** The points that a part wired with CRASH_AT=list has named: every method of every wrapped port, before and after. */
export function readCrashPoints(running: RunningStack, part: string): CrashPoint[] {
  return running.linesOf(part).flatMap((line) => {
    if (!line.includes('"crash points"')) return [];
    const { port, methods } = JSON.parse(line) as { port: string; methods: string[] };
    return methods.flatMap((method) => [`${port}.${method}:before`, `${port}.${method}:after`]);
  });
}

/** Somebody at work while one process after the other kills itself. */
export interface CrashWalk {
  /** Lets one process die at this point. @returns whether it came there */
  crashAt(part: "generation-worker-1" | "api-gateway-1", point: CrashPoint): Promise<boolean>;
  /** Everything is whole again and has ended. @returns what is not as it should be */
  finish(): Promise<string[]>;
}

const files = ["README.md", "docs/one.md"].map((path) => ({ path, content: "A line of text.\n".repeat(20) }));
const program = "a library with books (title)";

export async function beginCrashWalk(stack: Stack, model: OpenAiTestServer): Promise<CrashWalk> {
  const witness = await connectWitness(stack.databaseUrl);
  const person = await registerPerson(stack.urls[1] ?? "");
  const first = clientOf(person, stack.url);
  await first.auth.session();
  const subscriber = connectSubscriber(stack.urls[1] ?? "", { cookie: person.jar.header() });
  const acknowledged: string[] = [];
  const isDown = (part: string): boolean => !stack.parts().some(({ name }) => name === part);
  const work = { stack, person, first, subscriber, acknowledged };

  // Endings of all kinds: well, wrongly, after another try.
  let turn = 0;
  model.play((exchange) => {
    turn += 1;
    if (turn % 3 === 0) return writeFiles(files, 400)(exchange);
    return turn % 3 === 1
      ? writeFiles(files)(exchange)
      : cutFiles(files, { afterCharacters: 200, by: "reset" })(exchange);
  });

  return {
    async crashAt(part, point) {
      await stack.restartPart(part, { CRASH_AT: point }).catch((error: unknown) => {
        // It may come there before it is ready.
        if (!String(error).includes("ended at once")) throw error;
      });
      const deadline = Date.now() + 20_000;
      while (!isDown(part) && Date.now() < deadline) {
        await workOnce(work);
        if (part === "generation-worker-1" && point.includes("handBack")) await stack.kill(part, "SIGTERM");
        if (point.includes("sweep")) await loseALease(stack, isDown);
      }
      const exit = isDown(part);
      await stack.restartPart(part);
      return exit;
    },
    async finish() {
      await waitFor(
        "every end to be seen",
        () => (acknowledged.every((id) => subscriber.hasEnded(id)) ? true : undefined),
        { timeoutMs: 120_000, everyMs: 200 },
      );
      const faults = await check({ person, subscriber, acknowledged, witness });
      subscriber.close();
      first.close();
      await witness.close();
      return faults;
    },
  };
}

interface Work {
  readonly stack: Stack;
  readonly person: Person;
  readonly first: Person["client"];
  readonly subscriber: RawSubscriber;
  readonly acknowledged: string[];
}

/** Everything one person does with generations, by the gateway that may die, then by the other. */
async function workOnce({ person, first, subscriber, acknowledged }: Work): Promise<void> {
  const submit = async (prompt: string, engine: "builtin" | "llm"): Promise<string> => {
    const options = { idempotencyKey: randomUUID() };
    const { id } = await first.generations
      .submit({ prompt, engine }, options)
      .catch(() => person.client.generations.submit({ prompt, engine }, options));
    acknowledged.push(id);
    subscriber.watch(id);
    return id;
  };
  const either = async (ask: (client: Person["client"]) => Promise<unknown>): Promise<void> => {
    await ask(first).catch(() => ask(person.client).catch(() => undefined));
  };
  const [good, ...rest] = await Promise.all([
    submit(program, "builtin"),
    submit("hello there", "builtin"),
    submit(program, "llm"),
    submit(program, "llm"),
    submit(program, "llm"),
  ]);
  const cancelled = await submit(program, "llm");
  await either((client) => client.generations.cancel(cancelled));
  const { status } = await waitUntilEnded(person.client, good).catch(() => ({ status: "queued" }));
  if (status !== "completed") return;
  for (const url of [first, person.client].map((client) => client.generations.archiveUrl(good))) {
    await fetch(url, { headers: { cookie: person.jar.header() ?? "" }, signal: AbortSignal.timeout(5_000) })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }
  await either((client) => client.generations.list());
  await either((client) => client.generations.get(rest[0]));
  await either((client) => client.generations.files(good));
  await either((client) => client.generations.readFile(good, "package.json"));
}

/** A worker beside the one that is to die loses what it runs. */
async function loseALease(stack: Stack, isDown: (part: string) => boolean): Promise<void> {
  if (isDown("generation-worker-2")) return;
  await stack.kill("generation-worker-2");
  await waitFor("the sweep", () => (isDown("generation-worker-1") ? true : undefined), {
    timeoutMs: 15_000,
  }).catch(() => undefined);
  await stack.restartPart("generation-worker-2");
}

interface Evidence extends Pick<Work, "person" | "subscriber" | "acknowledged"> {
  readonly witness: RowWitness;
}

async function check({ person, subscriber, acknowledged, witness }: Evidence): Promise<string[]> {
  const { lost, open } = findLost(acknowledged, await witness.statuses());
  const faults = [...lost.map((id) => `${id} is lost`), ...open.map((id) => `${id} is open`)];
  faults.push(...checkClaims(await witness.changes()).faults);
  for (const id of acknowledged) {
    const log = await witness.log(id);
    const found = [
      ...findFaults(log, id),
      ...findDifferences(subscriber.eventsOf(id), log),
      ...findResultFaults(log, await witness.files(id)),
    ];
    faults.push(...found.map((fault) => `${id}: ${fault}`));
  }
  const { seqs, lastSeq } = await witness.inbox(person.userId);
  faults.push(...findSequenceFaults(seqs));
  if (lastSeq !== seqs.length) faults.push(`the inbox says ${lastSeq}, and holds ${seqs.length}`);
  const strangers = await witness.query<{ id: string }>(
    "select id from generations where not id = any($1::uuid[])",
    [acknowledged],
  );
  return [...faults, ...strangers.map(({ id }) => `${id} was never answered, and is no other's copy`)];
}
