import { downloadArchive, storeLargeResult, watchMemory } from "./large-results";
import { registerPerson } from "./person";
import { useStack } from "./running-stack";

const MIB = 1024 * 1024;
const resultMib = 200;
/** What a process may take for its work in hand, garbage included. */
const growthMib = 100;

describe("An archive of 200 MB", () => {
  const running = useStack({ restarts: false });

  it("is built and sent, and sent again, without being held by any process", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    // Code and buffers are there after a first one.
    await downloadArchive(person, await storeLargeResult(stack, person, 16));
    const id = await storeLargeResult(stack, person, resultMib);
    const endWatch = watchMemory(stack, ["api-gateway-1", "generation-worker-1"]);
    const built = await downloadArchive(person, id);
    const again = await downloadArchive(person, id);
    const grown = endWatch();
    expect(built.status).toBe(200);
    expect(built.bytes).toBeGreaterThan(0.7 * resultMib * MIB);
    expect(again).toEqual({ ...built, contentLength: String(built.bytes) });
    for (const [part, bytes] of Object.entries(grown)) {
      expect({ part, grownMib: Math.round(bytes / MIB), isBounded: bytes < growthMib * MIB }).toMatchObject({
        isBounded: true,
      });
    }
  }, 600_000);
});
