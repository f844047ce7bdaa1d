import { createServiceProcess } from "./service-process";
import type { StackParts } from "./stack-parts";
import type { ProxyTable } from "./stack-proxies";
import type { PlannedService, ServicePlan } from "./stack-services";

/** Services of which there may be more or fewer while the stack runs. */
export type ScalableService = "generation-worker" | "notification" | "api-gateway";

/** The service processes of one stack. */
export interface ServiceFleet {
  /** All that were planned, except spare ones. */
  startPlanned(): Promise<void>;
  /** Starts or ends (in good order) processes of a service until there are `count`; the highest numbers go first. */
  scale(program: ScalableService, count: number): Promise<void>;
  /** Further variables of one process from its next start on; they take the place of those set before. */
  setEnvironment(name: string, env: Readonly<Record<string, string>>): void;
  /** Of the gateways that run now. */
  gatewayUrls(): string[];
}

interface FleetOptions {
  readonly plan: ServicePlan;
  readonly env: Readonly<Record<string, string>>;
  readonly proxies: ProxyTable;
  /** Of no use once the owner has died. */
  readonly stackFile: string;
  readonly onLog: (part: string, line: string) => void;
}

export function createServiceFleet(parts: StackParts, options: FleetOptions): ServiceFleet {
  const { plan, proxies, stackFile, onLog } = options;
  const further = new Map<string, Readonly<Record<string, string>>>();
  const running: PlannedService[] = [];

  async function start(service: PlannedService): Promise<void> {
    const { name } = service;
    running.push(service);
    const part = parts.add({ name, kind: "service" });
    const own = await proxies.open(name, options.env);
    const child = createServiceProcess(service, {
      env: () => ({ ...options.env, ...own, ...further.get(name) }),
      stackFile,
      onLog: (line) => {
        onLog(name, line);
      },
      onExit: part.onExit,
    });
    await part.launch(child, service.url);
  }

  async function end(service: PlannedService): Promise<void> {
    running.splice(running.indexOf(service), 1);
    await parts.remove(service.name);
  }

  const of = (program: string): PlannedService[] => running.filter((service) => service.program === program);

  return {
    async startPlanned() {
      await Promise.all(plan.services.filter(({ isSpare }) => !isSpare).map(start));
      parts.checkNotStopped();
    },
    async scale(program, count) {
      const present = of(program);
      const surplus = present.slice(count);
      const missing: PlannedService[] = [];
      for (let number = present.length + 1; number <= count; number += 1) {
        missing.push(await plan.find(program, number));
      }
      await Promise.all([...surplus.map(end), ...missing.map(start)]);
    },
    setEnvironment(name, env) {
      further.set(name, env);
    },
    gatewayUrls: () => of("api-gateway").map(({ url }) => url),
  };
}
