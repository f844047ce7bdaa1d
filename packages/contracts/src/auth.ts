import { z } from "zod";
import { idSchema, timeSchema } from "./ids";

export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email({ error: "must be an e-mail address" }));

/** Length only, no composition rules (NIST SP 800-63B). */
export const newPasswordSchema = z
  .string()
  .min(12, { error: "must have at least 12 characters" })
  .max(128, { error: "must have at most 128 characters" });

export const displayNameSchema = z.string().trim().min(1).max(80);

export const registerBodySchema = z
  .strictObject({
    email: emailSchema,
    password: newPasswordSchema,
    displayName: displayNameSchema.optional(),
  })
  .meta({ id: "RegisterBody" });
export type RegisterBody = z.infer<typeof registerBodySchema>;

export const loginBodySchema = z
  .strictObject({ email: emailSchema, password: z.string().min(1).max(128) })
  .meta({ id: "LoginBody" });
export type LoginBody = z.infer<typeof loginBodySchema>;

/** Redeems a one-time link; `password`, when given, becomes the account's password. */
export const redeemLinkBodySchema = z
  .strictObject({
    token: z.string().min(1).max(200),
    email: emailSchema.optional(),
    password: newPasswordSchema.optional(),
  })
  .meta({ id: "RedeemLinkBody" });
export type RedeemLinkBody = z.infer<typeof redeemLinkBodySchema>;

export const userSchema = z
  .strictObject({
    id: idSchema,
    email: z.string(),
    displayName: z.string(),
    disabled: z.boolean(),
    createdAt: timeSchema,
  })
  .meta({ id: "User" });
export type User = z.infer<typeof userSchema>;

export const sessionSchema = z
  .strictObject({
    id: idSchema,
    createdAt: timeSchema,
    lastSeenAt: timeSchema,
    idleExpiresAt: timeSchema,
    absoluteExpiresAt: timeSchema,
    userAgent: z.string().nullable(),
    ip: z.string().nullable(),
    current: z.boolean(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof sessionSchema>;

export const registerResultSchema = z
  .strictObject({ user: userSchema, session: sessionSchema, csrfToken: z.string() })
  .meta({ id: "RegisterResult" });
export type RegisterResult = z.infer<typeof registerResultSchema>;

export const loginResultSchema = z
  .strictObject({ user: userSchema, session: sessionSchema, csrfToken: z.string() })
  .meta({ id: "LoginResult" });
export type LoginResult = z.infer<typeof loginResultSchema>;

export const sessionViewSchema = z
  .strictObject({
    user: userSchema,
    roles: z.array(z.string()),
    permissions: z.array(z.string()),
    session: sessionSchema,
    csrfToken: z.string(),
  })
  .meta({ id: "SessionView" });
export type SessionView = z.infer<typeof sessionViewSchema>;
