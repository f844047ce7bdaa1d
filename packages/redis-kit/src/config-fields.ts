import { durationForm, parseDuration } from "./duration";

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One wrong variable. */
export interface ConfigFault {
  readonly variable: string;
  /** what was given; absent for secrets */
  readonly given?: string;
  readonly allowed: string;
}

/** Every fault of the environment at once, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config_invalid";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(describeFault).join("\n"));
    this.faults = faults;
  }
}

function describeFault(fault: ConfigFault): string {
  const given = fault.given === undefined ? "the given value" : JSON.stringify(fault.given);
  return `${fault.variable}: ${given} is not allowed; give ${fault.allowed}`;
}

/** Reads variables one by one and gathers what is wrong with them. */
export class EnvReader {
  private readonly faults: ConfigFault[] = [];

  constructor(private readonly env: Environment) {}

  /** undefined when unset or empty */
  text(variable: string): string | undefined {
    const value = this.env[variable]?.trim();
    return value === "" ? undefined : value;
  }

  /** A key prefix: visible ASCII without spaces and without the characters globs and Cluster use. */
  prefix(variable: string, fallback: string): string {
    const value = this.text(variable) ?? fallback;
    if (/^[A-Za-z0-9:_./-]{1,100}$/.test(value)) return value;
    this.fail({ variable, given: value, allowed: "1 to 100 of A-Z a-z 0-9 : _ . / -" });
    return fallback;
  }

  /** milliseconds */
  duration(variable: string, fallback: string): number {
    const value = this.text(variable) ?? fallback;
    try {
      const durationMs = parseDuration(value);
      if (durationMs > 0) return durationMs;
    } catch {
      // Falls through to the fault.
    }
    this.fail({ variable, given: value, allowed: durationForm });
    return parseDuration(fallback);
  }

  boolean(variable: string, fallback: boolean): boolean {
    const value = this.text(variable)?.toLowerCase();
    if (value === undefined) return fallback;
    if (["true", "1", "yes", "on"].includes(value)) return true;
    if (["false", "0", "no", "off"].includes(value)) return false;
    this.fail({ variable, given: value, allowed: "true or false" });
    return fallback;
  }

  /** undefined when unset or wrong */
  integer(variable: string, range: { min: number; max: number }): number | undefined {
    const value = this.text(variable);
    if (value === undefined) return undefined;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    const allowed = `a whole number from ${range.min} to ${range.max}`;
    this.fail({ variable, given: value, allowed });
    return undefined;
  }

  /** Notes a fault; reading goes on, so that all faults are found in one go. */
  fail(fault: ConfigFault): void {
    this.faults.push(fault);
  }

  /** @throws {ConfigError} if anything was wrong */
  throwFaults(): void {
    if (this.faults.length > 0) throw new ConfigError(this.faults);
  }
}
