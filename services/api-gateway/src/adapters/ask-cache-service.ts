/** Its answer, or undefined for whatever reason there is none: Postgres is asked instead, and knows better. */
export async function askCacheService<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}
