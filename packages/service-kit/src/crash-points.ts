import { z } from "zod";
import type { Logger } from "./logger";

/** Where the process ends itself: `list` ends nothing and names every point there is in the log. */
export type CrashOrder =
  "list" | { readonly point: string; readonly moment: "before" | "after"; readonly call: number };

const form = "list, or a point such as claims.complete:after#2 (nowhere in production)";

/** CRASH_AT: for tests of what a crash between two side effects leaves behind. */
export const crashSection = z
  .object({ CRASH_AT: z.string().optional(), NODE_ENV: z.string().optional() })
  .transform((env, context): CrashOrder | undefined => {
    const { CRASH_AT: given, NODE_ENV: mode } = env;
    if (given === undefined) return undefined;
    const order = mode === "production" ? undefined : parseOrder(given);
    if (order === undefined) context.addIssue({ code: "custom", message: form, path: ["CRASH_AT"] });
    return order;
  });

function parseOrder(given: string): CrashOrder | undefined {
  if (given === "list") return "list";
  const [, point, moment, call = "1"] = /^(\w+\.\w+):(before|after)(?:#([1-9]\d{0,5}))?$/.exec(given) ?? [];
  if (point === undefined || (moment !== "before" && moment !== "after")) return undefined;
  return { point, moment, call: Number(call) };
}

export interface CrashPoints {
  /**
   * The port itself, or one whose methods are crash points.
   *
   * @param options.answers false when its methods answer nothing; else `after` counts only calls that found or
   * changed something, so that a look in vain is no crash point
   */
  at<T extends object>(name: string, port: T, options?: { readonly answers: boolean }): T;
}

export function createCrashPoints(
  order: CrashOrder | undefined,
  { logger, crash = killSelf }: { readonly logger: Logger; readonly crash?: () => void },
): CrashPoints {
  let calls = 0;

  function reached(): void {
    calls += 1;
    if (order === undefined || order === "list" || calls !== order.call) return;
    crash();
  }

  function wrap(method: (...args: unknown[]) => unknown, moment: "before" | "after", answers: boolean) {
    return (...args: unknown[]): unknown => {
      if (moment === "before") {
        reached();
        return method(...args);
      }
      const answer = method(...args);
      if (!(answer instanceof Promise)) {
        reached();
        return answer;
      }
      return answer.then((value: unknown) => {
        if (!answers || !isNothing(value)) reached();
        return value;
      });
    };
  }

  return {
    at(name, port, { answers } = { answers: true }) {
      if (order === undefined) return port;
      if (order === "list") logger.info("crash points", { port: name, methods: methodsOf(port) });
      return new Proxy(port, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== "function") return value;
          const method = value.bind(target) as (...args: unknown[]) => unknown;
          if (order === "list" || order.point !== `${name}.${String(key)}`) return method;
          return wrap(method, order.moment, answers);
        },
      });
    },
  };
}

function methodsOf(port: object): string[] {
  return Object.entries(port).flatMap(([key, value]) => (typeof value === "function" ? [key] : []));
}

/** Nothing found, or nothing done: undefined, false, no items, or an object of nothing but empty lists. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== "object") return false;
  const parts = Object.values(value);
  return parts.length > 0 && parts.every((part) => Array.isArray(part) && part.length === 0);
}

/** As a power failure would: nothing is closed, nothing is written. */
function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
