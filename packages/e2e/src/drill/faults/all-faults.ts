import type { Fault } from "./fault";
import { networkFaults } from "./network-faults";
import { processFaults } from "./process-faults";
import { redisFaults } from "./redis-faults";

/** Every fault of the drill, in the order in which they happen. */
export const allFaults: readonly Fault[] = [...redisFaults, ...networkFaults, ...processFaults];

/** What `--only` takes for the overload steps. */
export const overloadName = "overload";
