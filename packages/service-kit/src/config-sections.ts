import { z } from "zod";
import { httpUrl, oneOf, text, wholeNumber } from "./config-values";

/** LOG_LEVEL, LOG_FORMAT. */
export const logSection = z
  .object({
    LOG_LEVEL: oneOf(["error", "warn", "info", "debug"]).default("info"),
    LOG_FORMAT: oneOf(["json", "pretty"]).optional(),
  })
  .transform((env) => ({ level: env.LOG_LEVEL, format: env.LOG_FORMAT }));
export type LogConfig = z.output<typeof logSection>;

/** PORT, HOST. */
export function httpSection(defaults: { readonly port: number }) {
  return z
    .object({
      PORT: wholeNumber({ min: 0, max: 65_535 }).default(defaults.port),
      HOST: text({ minLength: 1, allowed: "a host name or address" }).default("127.0.0.1"),
    })
    .transform((env) => ({ port: env.PORT, host: env.HOST }));
}
export type HttpConfig = z.output<ReturnType<typeof httpSection>>;

/** What the example file shows, and nobody may run with in production. */
const sampleSecret = /change.?me|example|sample/i;

/** INTERNAL_TOKEN_SECRET: signs the calls between services, the same in all of them. */
export const internalSection = z
  .object({
    INTERNAL_TOKEN_SECRET: text({ minLength: 32, allowed: "a secret of at least 32 characters" }),
    NODE_ENV: z.string().optional(),
  })
  .refine((env) => env.NODE_ENV !== "production" || !sampleSecret.test(env.INTERNAL_TOKEN_SECRET), {
    path: ["INTERNAL_TOKEN_SECRET"],
    error: "a secret of your own, not the sample",
  })
  .transform((env) => ({ tokenSecret: env.INTERNAL_TOKEN_SECRET }));

const postgresUrl = z
  .string({ error: "a postgres:// address" })
  .regex(/^postgres(ql)?:\/\//, { error: "a postgres:// address" });

/** DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOL_SIZE. */
export const databaseSection = z
  .object({
    DATABASE_URL: postgresUrl.default("postgres://localhost:5432/vibe_friend"),
    DATABASE_DIRECT_URL: postgresUrl.optional(),
    DATABASE_POOL_SIZE: wholeNumber({ min: 1, max: 200 }).default(10),
  })
  .transform((env) => ({
    url: env.DATABASE_URL,
    directUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
    poolSize: env.DATABASE_POOL_SIZE,
  }));
export type DatabaseConfig = z.output<typeof databaseSection>;

/** PUBLIC_URL: where people reach the gateway. */
export const publicUrlSection = z
  .object({ PUBLIC_URL: httpUrl().default("http://localhost:8080") })
  .transform((env) => env.PUBLIC_URL);
