import { createKnownClaims } from "./known-claims";
import { createReturnLost } from "./return-lost";
import { createMemoryClaims } from "./testing/memory-claims";
import { silentLogger as logger } from "./testing/silent-logger";

function setup() {
  const claims = createMemoryClaims();
  const clock = { nowMs: 0 };
  const known = createKnownClaims(1000, () => clock.nowMs);
  const woken: string[] = [];
  const news = { queued: (id: string) => void woken.push(id) };
  const returnLost = createReturnLost({ claims: claims.store, known, news, logger });
  return { claims, clock, known, woken, returnLost };
}

it("gives back what was claimed without an answer, and nothing else", async () => {
  const { claims, known, woken, returnLost } = setup();
  const lost = claims.submit("lost");
  claims.submit("runs");
  claims.submit("ended");
  for (const id of ["runs", "ended"]) known.began((await claims.store.claim(id))!);
  const [, ended] = known.all();
  known.ended(ended!);
  claims.fault.lost = 1;
  await expect(claims.store.claim("lost")).rejects.toThrow();
  known.answerLost();
  await returnLost();
  expect(woken).toEqual(["lost"]);
  expect(lost).toMatchObject({ status: "queued", attempt: 0 });
});

it("asks nothing where no answer was lost within two leases", async () => {
  const { claims, clock, known, returnLost } = setup();
  await returnLost();
  known.answerLost();
  clock.nowMs = 2001;
  await returnLost();
  expect(claims.statements).toEqual([]);
});

it("forgets what ended two leases ago", () => {
  const { clock, known } = setup();
  const [runs, ended] = [
    { id: "runs", claimToken: 1 },
    { id: "ended", claimToken: 1 },
  ];
  known.began(runs);
  known.began(ended);
  known.ended(ended);
  expect(known.all()).toEqual([runs, ended]);
  clock.nowMs = 2001;
  expect(known.all()).toEqual([runs]);
});

it("never rejects while the store is away", async () => {
  const { claims, known, returnLost } = setup();
  known.answerLost();
  claims.fault.away = true;
  await expect(returnLost()).resolves.toBeUndefined();
});
