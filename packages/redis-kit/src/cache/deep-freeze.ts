/**
 * Freezes plain objects and arrays all the way down. What has an inside of its own (Map, Set, Date, typed
 * arrays, made by a schema's transform) stays as it is: freezing would not keep anybody out of it.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
