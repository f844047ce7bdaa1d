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
  /** As `generation-worker-1`. */
  readonly name: string;
  /** As `generation-worker`. */
  readonly program: string;
  /** Not started with the others; only its address is known to them. */
  readonly isSpare: boolean;
  readonly script: string;
  readonly port: number;
  readonly url: string;
}

export interface ServiceCounts {
  readonly workers: number;
  readonly notifiers: number;
  readonly gateways: number;
  readonly auths: number;
  readonly caches: number;
  /** Addresses for notification nodes to come, which the gateways are told at their start. */
  readonly spareNotifiers: number;
}

/** Names and addresses of all processes, also of those to come. */
export interface ServicePlan {
  readonly services: readonly PlannedService[];
  /** @throws {Error} for a notification node beyond the spare ones */
  find(program: string, number: number): Promise<PlannedService>;
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
): Promise<ServicePlan> {
  const services: PlannedService[] = [];

  async function add(program: ServiceProgram, number: number): Promise<PlannedService> {
    const isGateway = program.name === gateway;
    const port =
      isGateway && gatewayPort !== undefined ? gatewayPort + number - 1 : await findUnplannedPort(services);
    const planned: PlannedService = {
      name: program.isNumbered || number > 1 ? `${program.name}-${number}` : program.name,
      program: program.name,
      isSpare: number > countOf(program, counts),
      script: findScript(program),
      port,
      // People and cookies know the gateway as localhost.
      url: `http://${isGateway ? "localhost" : "127.0.0.1"}:${port}`,
    };
    services.push(planned);
    return planned;
  }

  for (const program of programs) {
    const spare = program.name === "notification" ? counts.spareNotifiers : 0;
    findScript(program);
    for (let number = 1; number <= countOf(program, counts) + spare; number += 1) await add(program, number);
  }
  return {
    services: [...services],
    async find(name, number) {
      const known = services.find((service) => service.name === `${name}-${number}`);
      if (known !== undefined) return known;
      const program = programs.find((candidate) => candidate.name === name);
      if (program === undefined) throw new Error(`this stack runs no ${name}`);
      if (name !== "notification") return add(program, number);
      throw new Error("gateways know the notification nodes from their start; ask for more spareNotifiers");
    },
  };
}

function findScript({ script }: ServiceProgram): string {
  const path = resolve(checkoutRoot, script);
  if (!existsSync(path)) throw new Error(`${script} is missing; build first (npm run build)`);
  return path;
}

function countOf({ name }: ServiceProgram, counts: ServiceCounts): number {
  const byName = new Map([
    ["generation-worker", counts.workers],
    ["notification", counts.notifiers],
    [gateway, counts.gateways],
    ["auth", counts.auths],
    ["cache", counts.caches],
  ]);
  return byName.get(name) ?? 1;
}

async function findUnplannedPort(planned: readonly PlannedService[]): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (!planned.some((service) => service.port === port)) return port;
  }
}
