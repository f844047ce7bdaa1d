import { findFreePort, isPortFree } from "./free-port";

it("gives nobody a port that another has just been given", async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => findFreePort()));
  expect(new Set(ports).size).toBe(200);
  expect(await isPortFree(ports[0]!)).toBe(true);
});
