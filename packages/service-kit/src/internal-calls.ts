import type { z } from "zod";

/** Calls of one service by name, as in contracts' `internal`. */
export type InternalCalls = Readonly<
  Record<string, { readonly body: z.ZodType; readonly result: z.ZodType }>
>;

export type CallBody<C extends InternalCalls, N extends keyof C> = z.output<C[N]["body"]>;
export type CallResult<C extends InternalCalls, N extends keyof C> = z.output<C[N]["result"]>;
