import { z } from "zod";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { createMemoryRole } from "../testing/memory-role";
import { createJobProducer } from "./job-producer";

it("answers unavailable, and never rejects, where the role has no client for a queue", async () => {
  const role = createMemoryRole();
  const keys = createKeys(parseRedisConfig({}));
  const producer = createJobProducer({ role, keys, queue: "mail", catalogue: { greet: z.string() } });
  const fault = { code: "disabled" };
  for (const state of ["up", "down", "up"] as const) {
    role.server.become(state);
    await expect(producer.add("greet", "Ada", { id: "a" })).resolves.toMatchObject({
      kind: "unavailable",
      fault,
    });
    await expect(producer.counts()).resolves.toMatchObject({ kind: "unavailable", fault });
  }
  await producer.close();
  await role.close();
});
