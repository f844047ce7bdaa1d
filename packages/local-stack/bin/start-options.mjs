// Reads the options of `npm start` from flags and environment. Node built-ins only.
import { parseArgs } from "node:util";

const usage = "options: --port N, --workers N, --notifiers N, --gateways N, --no-redis, --reset";

/**
 * Flags win over the environment.
 *
 * @throws {Error} with one line that says what was wrong
 */
export function parseStartOptions(args, env) {
  const { values } = parseFlags(args);
  const gateways = readCount("GATEWAYS", values.gateways ?? env.GATEWAYS, 1);
  const port = readNumber("PORT", values.port ?? env.PORT, {
    fallback: 8080,
    lowest: 1,
    highest: 65_536 - gateways,
  });
  return {
    port,
    gateways,
    workers: readCount("WORKERS", values.workers ?? env.WORKERS, 1),
    notifiers: readCount("NOTIFIERS", values.notifiers ?? env.NOTIFIERS, 1),
    redis: values["no-redis"] !== true,
    reset: values.reset === true,
    help: values.help === true,
    usage,
  };
}

function parseFlags(args) {
  const text = { type: "string" };
  const flag = { type: "boolean" };
  const options = {
    port: text,
    workers: text,
    notifiers: text,
    gateways: text,
    "no-redis": flag,
    reset: flag,
    help: { ...flag, short: "h" },
  };
  try {
    return parseArgs({ args, options, allowPositionals: false });
  } catch (error) {
    throw new Error(`${error.message.split(/\. |\n/, 1)[0]}; ${usage}`);
  }
}

const readCount = (name, given, fallback) => readNumber(name, given, { fallback, lowest: 1, highest: 32 });

function readNumber(name, given, { fallback, lowest, highest }) {
  if (given === undefined || given === "") return fallback;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= lowest && value <= highest) return value;
  throw new Error(
    `${name} is ${JSON.stringify(given)}; allowed is a whole number from ${lowest} to ${highest}`,
  );
}
