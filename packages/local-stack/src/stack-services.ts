import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { checkoutRoot } from "./checkout";
import { findFreePort } from "./free-port";

/** A service program of which a stack runs one or more processes. */
export interface ServiceProgram {
  readonly name: string;
  /** What node runs; a relative path starts at the checkout. */
  readonly script: string;
  /** Number its processes from 1 in their names. */
  readonly isNumbered: boolean;
}

export interface PlannedService {
  readonly name: string;
  readonly script: string;
  readonly port: number;
  readonly url: string;
}

export interface ServiceCounts {
  readonly workers: number;
  readonly notifiers: number;
  readonly gateways: number;
}

const gateway = "api-gateway";

/** The product's services, in the order in which they are shown. */
export const productServices: readonly ServiceProgram[] = [
  { name: gateway, script: "services/api-gateway/dist/main.js", isNumbered: true },
  { name: "auth", script: "services/auth/dist/main.js", isNumbered: false },
  { name: "cache", script: "services/cache/dist/main.js", isNumbered: false },
  { name: "generation-worker", script: "services/generation-worker/dist/main.js", isNumbered: true },
  { name: "notification", script: "services/notification/dist/main.js", isNumbered: true },
  { name: "console", script: "services/console/dist/server/main.js", isNumbered: false },
];

/**
 * Gives every process its name and port.
 *
 * @param gatewayPort of the first gateway, the others follow; undefined for free ones
 * @throws {Error} when a program has not been built
 */
export async function planServices(
  programs: readonly ServiceProgram[],
  counts: ServiceCounts,
  gatewayPort: number | undefined,
): Promise<PlannedService[]> {
  const planned: PlannedService[] = [];
  for (const program of programs) {
    const script = resolve(checkoutRoot, program.script);
    if (!existsSync(script)) throw new Error(`${program.script} is missing; build first (npm run build)`);
    for (let index = 1; index <= countOf(program, counts); index += 1) {
      const isGateway = program.name === gateway;
      const port =
        isGateway && gatewayPort !== undefined ? gatewayPort + index - 1 : await findUnplannedPort(planned);
      const name = program.isNumbered ? `${program.name}-${index}` : program.name;
      // People and cookies know the gateway as localhost.
      planned.push({ name, script, port, url: `http://${isGateway ? "localhost" : "127.0.0.1"}:${port}` });
    }
  }
  return planned;
}

function countOf({ name }: ServiceProgram, counts: ServiceCounts): number {
  if (name === "generation-worker") return counts.workers;
  if (name === "notification") return counts.notifiers;
  return name === gateway ? counts.gateways : 1;
}

async function findUnplannedPort(planned: readonly PlannedService[]): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (!planned.some((service) => service.port === port)) return port;
  }
}
