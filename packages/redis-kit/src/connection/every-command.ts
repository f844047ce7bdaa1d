import type { RedisCommands } from "./redis-commands";

/** A command as it looks to what wraps all of them. */
export type AnyCommand = (...parameters: unknown[]) => Promise<unknown>;

/**
 * Makes commands that all go through `wrap`, but for `scan`, which answers page by page.
 *
 * @param pattern only says which commands there are
 */
export function wrapEveryCommand(
  pattern: RedisCommands,
  wrap: (name: keyof RedisCommands) => AnyCommand,
  scan: RedisCommands["scan"],
): RedisCommands {
  const names = Object.keys(pattern) as (keyof RedisCommands)[];
  const wrapped = Object.fromEntries(names.map((name) => [name, wrap(name)])) as unknown as RedisCommands;
  return { ...wrapped, scan };
}

/** Runs one by its name. */
export function runCommand(
  commands: RedisCommands,
  name: keyof RedisCommands,
  parameters: readonly unknown[],
): Promise<unknown> {
  return (commands[name] as AnyCommand)(...parameters);
}
