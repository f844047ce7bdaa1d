import type { RedisCommands } from "../connection/redis-commands";
import type { Guarded } from "../outcome";

/** What a caller gives an operation unless it says otherwise; milliseconds. */
export const defaultDeadlineMs = 150;

/** What is about to be done: a name for the log, and how long it may take. */
export interface GuardedOperation {
  readonly name: string;
  /** milliseconds; default 150 */
  readonly deadlineMs?: number;
}

/** The way through which people's requests ask Redis. Never rejects, and never takes longer than its deadline or what its request may still wait. */
export interface Guard {
  /**
   * @param operation name as in "session.get", or name and deadline
   * @param key what it is about, for the log; hashed ids only
   * @param command gets the role's commands; must settle its own promises
   */
  run<T>(
    operation: string | GuardedOperation,
    key: string,
    command: (commands: RedisCommands) => Promise<T>,
  ): Promise<Guarded<T>>;
}
