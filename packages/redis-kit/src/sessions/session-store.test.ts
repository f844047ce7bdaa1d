import { createMemoryRole } from "../testing/memory-role";
import { createMemoryFaults } from "../testing/redis-faults";
import { sessionStoreBehaviour } from "../testing/session-store-behaviour";

sessionStoreBehaviour("the double", () => {
  const role = createMemoryRole();
  const otherRole = createMemoryRole({ server: role.server });
  return Promise.resolve({
    role,
    otherRole,
    faults: createMemoryFaults(role.server),
    async close() {
      await Promise.all([role.close(), otherRole.close()]);
    },
  });
});
