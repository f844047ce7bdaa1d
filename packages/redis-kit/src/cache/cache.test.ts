import { cacheBehaviour } from "../testing/cache-behaviour";
import { createMemoryRole } from "../testing/memory-role";
import { createMemoryFaults } from "../testing/redis-faults";

cacheBehaviour("the double", () => {
  const role = createMemoryRole({ role: "cache" });
  const otherRole = createMemoryRole({ role: "cache", server: role.server });
  return Promise.resolve({
    role,
    otherRole,
    faults: createMemoryFaults(role.server),
    async close() {
      await Promise.all([role.close(), otherRole.close()]);
    },
  });
});
