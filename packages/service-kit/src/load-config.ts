import type { z } from "zod";
import { ConfigError, findConfigFaults, type ConfigFault } from "./config-error";

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * One concern's variables: a zod object whose keys are the variables' names (often with a `.transform` to
 * names of its own), or a function that throws an error with `faults`.
 */
export type ConfigSection<T = unknown> = z.ZodType<T> | ((env: Environment) => T);

/** What the sections give, by section. */
export type ConfigOf<S extends Record<string, ConfigSection>> = {
  readonly [K in keyof S]: S[K] extends (env: Environment) => infer T
    ? T
    : z.output<Extract<S[K], z.ZodType>>;
};

/** Variables whose value is never shown; addresses are, unless they carry a user or parameters. */
const secretName = /SECRET|PASSWORD|KEY$|TOKEN/;
const addressName = /URLS?$/;

/**
 * Reads every section. An empty variable counts as unset.
 *
 * @throws {ConfigError} with all faults of all sections
 */
export function loadConfig<S extends Record<string, ConfigSection>>(
  sections: S,
  env: Environment,
): ConfigOf<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ""));
  const faults: ConfigFault[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, section] of Object.entries(sections)) {
    config[name] = readSection(section, given, faults);
  }
  if (faults.length > 0) throw new ConfigError(faults.filter(isFirstOfItsVariable));
  return config as ConfigOf<S>;
}

function readSection(section: ConfigSection, env: Environment, faults: ConfigFault[]): unknown {
  if (typeof section === "function") {
    try {
      return section(env);
    } catch (error) {
      const found = findConfigFaults(error);
      if (found === undefined) throw error;
      faults.push(...found);
      return undefined;
    }
  }
  const result = section.safeParse(env);
  if (result.success) return result.data;
  faults.push(...result.error.issues.map((issue) => describeIssue(issue, env)));
  return undefined;
}

function describeIssue(issue: z.core.$ZodIssue, env: Environment): ConfigFault {
  const variable = String(issue.path[0] ?? "The environment");
  const given = env[variable];
  return {
    variable,
    given: isShown(variable, given) ? given : undefined,
    allowed: issue.message,
    missing: given === undefined,
  };
}

function isShown(variable: string, given = ""): boolean {
  return !secretName.test(variable) && !(addressName.test(variable) && /[@?]/.test(given));
}

function isFirstOfItsVariable(fault: ConfigFault, index: number, all: readonly ConfigFault[]): boolean {
  return all.findIndex((other) => other.variable === fault.variable) === index;
}
