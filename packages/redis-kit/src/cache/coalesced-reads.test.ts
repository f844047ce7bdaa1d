import { withRedisBudget } from "../degradation/budget";
import type { Guard } from "../degradation/guard";
import { createMemoryRole } from "../testing/memory-role";
import type { MemoryRole } from "../testing/memory-role";
import { createCoalescedReads } from "./coalesced-reads";

let role: MemoryRole;
let asked: (readonly string[])[];
beforeEach(() => {
  role = createMemoryRole({ role: "cache" });
  asked = [];
});
afterEach(() => role.close());

/** A server whose MGET takes its time. */
function createSlowReads(delayMs: number) {
  const { mget } = role.commands;
  const commands = {
    ...role.commands,
    async mget(keys: readonly string[]) {
      asked.push(keys);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return mget(keys);
    },
  };
  const guard: Guard = {
    run: (operation, key, command) => role.guard.run(operation, key, () => command(commands)),
  };
  return createCoalescedReads(guard);
}

const spent = { kind: "unavailable", fault: { code: "timeout" } };
const patientMs = 10_000;

it.each(["first", "last"])(
  "lets no request's spent budget fail the others of its batch: it came %s",
  async (place) => {
    const reads = createSlowReads(30);
    await role.commands.set("b", "here");
    const hurried = () => withRedisBudget(0, () => reads.read(["a"]));
    const patient = () => withRedisBudget(patientMs, () => reads.read(["b"]));
    const asking =
      place === "first"
        ? [hurried(), patient(), reads.read(["b"])]
        : [reads.read(["b"]), patient(), hurried()];
    const [one, two, three] = await Promise.all(asking);
    const [late, given, free] = place === "first" ? [one, two, three] : [three, two, one];
    expect(late).toMatchObject(spent);
    expect([given, free]).toMatchObject([
      { kind: "ok", value: [{ text: "here" }] },
      { kind: "ok", value: [{ text: "here" }] },
    ]);
    expect(asked.map((keys) => [...keys].sort())).toEqual([["a", "b"]]);
  },
);

it("does not charge one request for the wait of another", async () => {
  const reads = createSlowReads(100);
  await withRedisBudget(120, async () => {
    const others = Promise.all([reads.read(["b"]), reads.read(["c"])]);
    expect(await reads.read(["a"])).toMatchObject({ kind: "ok" });
    await others;
    // Waits side by side counted once: some of it is left, and no more than that.
    expect(await reads.read(["a"])).toMatchObject(spent);
  });
  expect(asked).toHaveLength(2);
});
