import { keepOpen } from "./keep-open";

it("opens each once for all groups, and closes the newest first", async () => {
  const told: string[] = [];
  const entrant = (contestant: string) => ({
    contestant,
    open: () => {
      told.push(`open ${contestant}`);
      return Promise.resolve({
        name: contestant,
        stop: () => Promise.resolve(void told.push(`stop ${contestant}`)),
      });
    },
  });
  const { entrants, close } = keepOpen([entrant("a"), entrant("b")]);
  for (const one of [...entrants, ...entrants]) {
    const scene = await one.open();
    expect(scene.name).toBe(one.contestant);
    await scene.stop();
  }
  expect(told).toEqual(["open a", "open b"]);
  await close();
  expect(told.slice(2)).toEqual(["stop b", "stop a"]);
});
