import { z } from "zod";
import { LoadTimeout } from "../cache/cache";
import type { LoadContext } from "../cache/cache";
import { pause, schema } from "./cache-suite";
import type { CacheSuite } from "./cache-suite";
import { eventually } from "./redis-faults";

/** Values past their time, and sources that are slow, broken or have nothing. */
export function stalenessBehaviour(suite: CacheSuite): void {
  const brief = { ttlMs: 40 };
  const broken = () => Promise.reject(new Error("no source"));

  it("answers a value past its time at once while it is loaded anew behind the answer", async () => {
    const swr = { ...brief, staleWhileRevalidateMs: 60_000 };
    await suite.here.getOrLoad("a", { ...suite.source(1), ...swr });
    await pause(60);
    const next = { ...suite.source(2), ...swr, ttlMs: 60_000 };
    expect(await suite.here.getOrLoad("a", next)).toEqual({
      kind: "ok",
      value: { n: 1 },
      from: "redis",
      stale: true,
    });
    await eventually("the new value is there", async () => {
      const read = await suite.there.getOrLoad("a", next);
      return read.value.n === 2 && !read.stale;
    });
    expect(suite.loads).toBe(2);
    expect(suite.here.counts()).toMatchObject({ staleServed: 1, refreshes: 1 });
  });

  it("answers a value within its grace when the source fails, and says why", async () => {
    const graced = { ...brief, graceMs: 60_000 };
    await suite.here.getOrLoad("a", { ...suite.source(1), ...graced });
    await pause(60);
    const answer = await suite.there.getOrLoad("a", { ...suite.source(0), ...graced, load: broken });
    expect(answer).toMatchObject({ kind: "degraded", value: { n: 1 }, from: "redis", stale: true });
    expect(answer.fault).toMatchObject({ code: "failed", cause: new Error("no source") });
    expect(await suite.there.getOrLoad("a", { ...suite.source(2), ...graced })).toMatchObject({
      kind: "ok",
      value: { n: 2 },
      stale: false,
    });
  });

  it("never answers an invalidated value, neither as stale nor within its grace", async () => {
    const lasting = { staleWhileRevalidateMs: 60_000, graceMs: 60_000, tags: ["team"] };
    for (const what of [{ keys: ["a"] }, { tags: ["team"] }, { prefixes: ["a"] }]) {
      await suite.here.getOrLoad("a", { ...suite.source(1), ...lasting });
      await suite.there.invalidate(what);
      const failing = { ...suite.source(0), ...lasting, load: broken };
      await expect(suite.here.getOrLoad("a", failing)).rejects.toThrow("no source");
    }
  });

  it("answers a value within its grace after the soft deadline, and stores what comes later", async () => {
    const patient = { ...brief, graceMs: 60_000, softDeadlineMs: 20 };
    await suite.here.getOrLoad("a", { ...suite.source(1), ...patient });
    await pause(60);
    const slow = { ...suite.source(2, 150), ...patient, ttlMs: 60_000 };
    expect(await suite.here.getOrLoad("a", slow)).toMatchObject({ kind: "ok", value: { n: 1 }, stale: true });
    await eventually("the late value is there", async () => {
      const read = await suite.there.get("a", schema);
      return read.kind === "ok" && read.value?.n === 2;
    });
    expect(suite.loads).toBe(2);
  });

  it("gives up at the hard deadline, tells the source, and lets the next one try", async () => {
    let aborted = false;
    const hanging = {
      schema,
      hardDeadlineMs: 50,
      load: ({ signal }: { signal: AbortSignal }) =>
        new Promise<{ n: number }>(() => {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
        }),
    };
    const answers = await Promise.allSettled([
      suite.here.getOrLoad("a", hanging),
      suite.there.getOrLoad("a", hanging),
    ]);
    expect(answers).toMatchObject([
      { status: "rejected", reason: { code: "load-timeout" } },
      { status: "rejected", reason: { code: "load-timeout" } },
    ]);
    for (const answer of answers) {
      expect(answer.status === "rejected" && answer.reason).toBeInstanceOf(LoadTimeout);
    }
    await eventually("the source is told", () => aborted);
    // Whoever waited may have begun a load of its own shortly before it gave up.
    await eventually("the next one gets it", async () => {
      const answer = await suite.there.getOrLoad("a", suite.source(1)).catch(() => undefined);
      return answer?.value.n === 1;
    });
  });

  it("lets a load say how long its value is kept", async () => {
    const source = { ...suite.source(1), load: withTtl(0) };
    await suite.here.getOrLoad("a", source);
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: undefined });
    await suite.here.getOrLoad("a", { ...source, load: withTtl(40) });
    await pause(60);
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: undefined });
  });

  function withTtl(ms: number) {
    return (context: LoadContext) => {
      context.ttl(ms);
      return Promise.resolve({ n: 1 });
    };
  }

  it.each([undefined, null])("keeps that there is nothing (%p) for a time of its own", async (nothing) => {
    let loads = 0;
    const source = {
      schema: schema.nullish(),
      negativeTtlMs: 300,
      load: () => {
        loads += 1;
        return Promise.resolve(nothing);
      },
    };
    await suite.here.getOrLoad("a", source);
    expect(await suite.there.getOrLoad("a", source)).toMatchObject({ from: "redis", value: nothing });
    await pause(330);
    await suite.there.getOrLoad("a", source);
    await suite.there.getOrLoad("a", { ...source, negativeTtlMs: 0 });
    expect(loads).toBe(2);
  });

  it("loads a value anew behind the answer when it is late in its life", async () => {
    const early = { ttlMs: 60_000, refreshAhead: 0.9 };
    await suite.here.getOrLoad("a", { ...suite.source(1), ...early });
    expect(await suite.here.getOrLoad("a", { ...suite.source(2), ...early })).toMatchObject({
      value: { n: 1 },
    });
    const late = { ttlMs: 60_000, refreshAhead: 0.000_001 };
    await pause(5);
    expect(await suite.here.getOrLoad("a", { ...suite.source(3), ...late })).toMatchObject({
      value: { n: 1 },
    });
    await eventually("it is refreshed", async () => {
      const read = await suite.there.get("a", schema);
      return read.kind === "ok" && read.value?.n === 3;
    });
    expect(suite.loads).toBe(2);
  });

  it("answers what can't be cached all the same", async () => {
    const source = { schema: z.bigint(), load: () => Promise.resolve(1n) };
    expect(await suite.here.getOrLoad("a", source)).toMatchObject({ kind: "ok", value: 1n });
    expect(await suite.here.set("a", 1n)).toMatchObject({ kind: "unavailable", fault: { code: "failed" } });
  });
}
