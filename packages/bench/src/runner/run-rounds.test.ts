import type { Entrant } from "./entrant";
import { runRounds } from "./run-rounds";

function entrant(
  contestant: string,
  given: Partial<Entrant<{ name: string }>> = {},
): Entrant<{ name: string }> {
  return {
    contestant,
    open: () => Promise.resolve({ name: contestant, stop: () => Promise.resolve() }),
    ...given,
  };
}

function run(entrants: Entrant<{ name: string }>[], measure: (name: string, round: number) => number) {
  return runRounds({
    group: "g",
    entrants,
    rounds: 3,
    measure: (worker, round) => Promise.resolve().then(() => ({ rate: measure(worker.name, round) })),
    onProgress: () => undefined,
  });
}

it("lets contestants take turns, round by round", async () => {
  const turns: string[] = [];
  const rows = await run([entrant("a"), entrant("b")], (name, round) => {
    turns.push(name);
    return 10 * (round + 1);
  });
  expect(turns.join("")).toBe("ababab");
  expect(rows.map((row) => row.figures["rate"])).toEqual([
    { median: 20, min: 10, max: 30, rounds: [10, 20, 30] },
    { median: 20, min: 10, max: 30, rounds: [10, 20, 30] },
  ]);
});

it("drops who gives a wrong value, and goes on with the others", async () => {
  const stopped: string[] = [];
  const wrong = entrant("a", {
    open: () =>
      Promise.resolve({
        name: "a",
        stop: () => {
          stopped.push("a");
          return Promise.resolve();
        },
      }),
  });
  const rows = await run([wrong, entrant("b")], (name, round) => {
    if (name === "a" && round === 1) throw new Error("a wrong value for user:7\nstack");
    return 1;
  });
  expect(rows).toMatchObject([
    { contestant: "a", status: "failed", reason: "a wrong value for user:7", figures: {} },
    { contestant: "b", status: "measured", figures: { rate: { rounds: [1, 1, 1] } } },
  ]);
  expect(stopped).toEqual(["a"]);
});

it("says why somebody did not take part", async () => {
  const missing = entrant("peer", { missing: "peer could not be installed: no network" });
  const broken = entrant("broken", { open: () => Promise.reject(new Error("no such option")) });
  const rows = await run([missing, broken], () => 1);
  expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
    ["not run", "peer could not be installed: no network"],
    ["failed", "no such option"],
  ]);
});
