import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readUntilStopped } from "./read-until-stopped";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function* eventsOf(count: number): AsyncGenerator<{ readonly text: string }> {
  for (let index = 0; index < count; index += 1) yield await Promise.resolve({ text: `event ${index}` });
}

async function readOne(reading: AsyncGenerator<object>): Promise<WeakRef<object>> {
  const { value } = (await reading.next()) as IteratorYieldResult<object>;
  return new WeakRef(value);
}

describe("read until stopped", () => {
  it("keeps nothing of what it has handed on, however long the run lasts", async () => {
    const reading = readUntilStopped(eventsOf(10), new AbortController().signal);
    const handedOn = [];
    for (let index = 0; index < 5; index += 1) handedOn.push(await readOne(reading));
    await new Promise((resolve) => setTimeout(resolve, 20));
    collectGarbage();
    // The last one may still be in the generator's own hands.
    expect(handedOn.slice(0, 4).filter((event) => event.deref() !== undefined)).toEqual([]);
    await reading.return(undefined);
  });

  it("throws the signal's reason when it was aborted while nothing was being read", async () => {
    const stopping = new AbortController();
    const reading = readUntilStopped(eventsOf(10), stopping.signal);
    await reading.next();
    stopping.abort(new Error("stopped"));
    await expect(reading.next()).rejects.toThrow("stopped");
  });
});
