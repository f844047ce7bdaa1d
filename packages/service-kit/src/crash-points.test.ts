import { findConfigFaults } from "./config-error";
import { createCrashPoints, crashSection, type CrashOrder } from "./crash-points";
import { loadConfig } from "./load-config";
import { createRecordingLogger } from "./testing/recording-logger";

const read = (env: Record<string, string>) => loadConfig({ crash: crashSection }, env).crash;

describe("CRASH_AT", () => {
  it("names a point, a moment and which call of it", () => {
    expect(read({})).toBeUndefined();
    expect(read({ CRASH_AT: "list" })).toBe("list");
    expect(read({ CRASH_AT: "claims.complete:after" })).toEqual({
      point: "claims.complete",
      moment: "after",
      call: 1,
    });
    expect(read({ CRASH_AT: "news.queued:before#12" })).toMatchObject({ moment: "before", call: 12 });
  });

  it.each(["claims", "claims.complete", "claims.complete:while", "claims.complete:after#0"])(
    "refuses %s",
    (given) => {
      expect(() => read({ CRASH_AT: given })).toThrow();
    },
  );

  it("is refused in production", () => {
    try {
      read({ CRASH_AT: "claims.complete:after", NODE_ENV: "production" });
      throw new Error("was taken");
    } catch (error) {
      expect(findConfigFaults(error)).toMatchObject([{ variable: "CRASH_AT" }]);
    }
  });
});

describe("a port with crash points", () => {
  const done: string[] = [];
  const port = {
    limit: 3,
    take(what: string): Promise<string | undefined> {
      done.push(what);
      return Promise.resolve(what === "nothing" ? undefined : what);
    },
    look: () => Promise.resolve({ found: [], lost: [] }),
    tell(): void {
      done.push("told");
    },
    send: (): Promise<void> => Promise.resolve(),
  };
  let crashes: number;
  const logger = createRecordingLogger();
  const crash = () => {
    crashes += 1;
    done.push("crash");
  };
  const wrapped = (order: CrashOrder, answers?: boolean) =>
    createCrashPoints(order, { logger, crash }).at("port", port, { answers: answers ?? true });
  beforeEach(() => {
    crashes = 0;
    done.length = 0;
  });

  it("is the port itself without an order", () => {
    expect(createCrashPoints(undefined, { logger }).at("port", port)).toBe(port);
  });

  it("crashes before the call, or after it and before its caller hears of it", async () => {
    await wrapped({ point: "port.take", moment: "before", call: 1 }).take("a");
    expect(done).toEqual(["crash", "a"]);
    done.length = 0;
    await wrapped({ point: "port.take", moment: "after", call: 1 })
      .take("a")
      .then(() => done.push("heard"));
    expect(done).toEqual(["a", "crash", "heard"]);
    wrapped({ point: "port.tell", moment: "after", call: 1 }).tell();
    expect(done.slice(3)).toEqual(["told", "crash"]);
  });

  it("counts calls, and after them only those that found something", async () => {
    const second = wrapped({ point: "port.take", moment: "after", call: 2 });
    await second.take("a");
    await second.take("nothing");
    expect(crashes).toBe(0);
    await second.take("b");
    await second.take("c");
    expect(crashes).toBe(1);
    await wrapped({ point: "port.look", moment: "after", call: 1 }).look();
    expect(crashes).toBe(1);
    await wrapped({ point: "port.send", moment: "after", call: 1 }, false).send();
    expect(crashes).toBe(2);
  });

  it("leaves other methods and values alone", async () => {
    const other = wrapped({ point: "port.send", moment: "before", call: 1 });
    expect([await other.take("a"), other.limit, crashes]).toEqual(["a", 3, 0]);
  });

  it("lists what there is", () => {
    wrapped("list");
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: "crash points",
        fields: { port: "port", methods: ["take", "look", "tell", "send"] },
      }),
    );
  });
});
