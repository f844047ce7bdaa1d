/** One wrong variable. */
export interface ConfigFault {
  readonly variable: string;
  /** what was given; absent for secrets and for what is not set */
  readonly given?: string | undefined;
  /** reads well after "must be": `a whole number from 1 to 64` */
  readonly allowed: string;
  readonly missing?: boolean | undefined;
}

/** Every fault of the environment at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config_invalid";

  constructor(readonly faults: readonly ConfigFault[]) {
    super(faults.map(describeConfigFault).join("\n"));
  }
}

/** One line naming the variable, what was given and what is allowed. */
export function describeConfigFault(fault: ConfigFault): string {
  const given = fault.given === undefined ? "has a wrong value" : `is ${JSON.stringify(fault.given)}`;
  return `${fault.variable} ${fault.missing === true ? "is not set" : given}: must be ${fault.allowed}`;
}

/** The faults an error carries, whichever package's ConfigError it is. */
export function findConfigFaults(error: unknown): readonly ConfigFault[] | undefined {
  if (!(error instanceof Error) || !("faults" in error) || !Array.isArray(error.faults)) return undefined;
  return error.faults as readonly ConfigFault[];
}
