import { describeConfigFault, findConfigFaults } from "./config-error";
import { logSection, type LogConfig } from "./config-sections";
import { createHealth, type Health } from "./health";
import { createLifecycle, type Lifecycle } from "./lifecycle";
import { loadConfig, type ConfigOf, type ConfigSection } from "./load-config";
import { createLogger, type Logger } from "./logger";
import { createMetrics, type Metrics } from "./metrics";

/** What a service's main is handed. */
export interface StartedService<S extends Record<string, ConfigSection>> {
  readonly config: ConfigOf<S>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
}

/**
 * The entry of a process: reads the sections from the environment, runs `main`, and stops at SIGTERM or
 * SIGINT (not ready at once, close newest first within 30 s, exit 0; a second signal exits at once). A wrong
 * variable is one line on stderr each and exit 1, as is whatever else keeps it from starting.
 */
export function startService<const S extends Record<string, ConfigSection>>(
  name: string,
  sections: S,
  main: (service: StartedService<S>) => Promise<void>,
): void {
  void run(name, sections, main).catch((error: unknown) => {
    failStart(name, error);
  });
}

async function run<S extends Record<string, ConfigSection>>(
  name: string,
  sections: S,
  main: (service: StartedService<S>) => Promise<void>,
): Promise<void> {
  const { own, log } = readConfig(sections);
  const logger = createLogger(name, log);
  const health = createHealth();
  const lifecycle = createLifecycle(logger);
  stopOnSignals({ logger, health, lifecycle });
  exitOnUncaught(logger);
  await main({ config: own, logger, metrics: createMetrics(name), health, lifecycle });
}

/** The log's section and the service's own together, so that all their faults are reported at once. */
function readConfig<S extends Record<string, ConfigSection>>(
  sections: S,
): { own: ConfigOf<S>; log: LogConfig } {
  const config: unknown = loadConfig({ ...sections, log: logSection }, process.env);
  return { own: config as ConfigOf<S>, log: (config as { log: LogConfig }).log };
}

function stopOnSignals({
  logger,
  health,
  lifecycle,
}: Pick<StartedService<never>, "logger" | "health" | "lifecycle">) {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) {
      logger.warn("second signal, exiting at once", { signal });
      process.exit(1);
    }
    isStopping = true;
    logger.info("stopping", { signal });
    health.startDraining();
    void lifecycle.stop().then((clean) => {
      logger.info("stopped", { clean });
      process.exit(clean ? 0 : 1);
    });
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** After an error that nobody caught the process's state is unknown: it ends, and its supervisor starts a new one. */
function exitOnUncaught(logger: Logger): void {
  const end = (what: string) => (error: unknown) => {
    logger.error(what, { error });
    process.exit(1);
  };
  process.on("uncaughtException", end("uncaught exception"));
  process.on("unhandledRejection", end("unhandled rejection"));
}

function failStart(name: string, error: unknown): never {
  process.stderr.write(`${explainStartError(name, error)}\n`);
  process.exit(1);
}

/** The lines for people: one per wrong variable; a bug keeps its stack. */
export function explainStartError(name: string, error: unknown): string {
  const faults = findConfigFaults(error);
  if (faults !== undefined) return faults.map(describeConfigFault).join("\n");
  if (!(error instanceof Error)) return `${name} can't start: ${String(error)}`;
  const isExpected = "code" in error && typeof error.code === "string";
  return `${name} can't start: ${isExpected ? error.message : (error.stack ?? error.message)}`;
}
