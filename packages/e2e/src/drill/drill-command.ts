import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { localDirectory } from "@vibe-friend/local-stack/checkout";
import { parseDrillOptions, type DrillOptions } from "./drill-options";
import { isClean, type DrillResult } from "./drill-result";
import { allFaults, overloadName } from "./faults/all-faults";
import { readLoad, readMachineFacts } from "./report/machine-facts";
import { formatMarkdown } from "./report/markdown";
import { placeMarkdown } from "./report/place-markdown";
import { createProgressLine } from "./report/progress-line";
import { createFaultTable, createOverloadTable, describeConditions, formatTable } from "./report/tables";
import { runDrillOn, type DrillFindings } from "./run-drill";
import { createScene } from "./scene";
import { startDrillStack, type DrillStack } from "./stack/drill-stack";

const counts = { workers: 3, notifiers: 2, gateways: 2 };

/**
 * What the services are told beside where they find each other. Generations take about two seconds, so that there are
 * always some in their middle; the crowd is few people, who may have more open than one usually may.
 */
const settings = {
  BUILT_IN_ENGINE_RATE: "20000",
  GENERATION_MAX_OPEN: "40",
  GENERATION_MAX_QUEUED: "200",
  LOG_LEVEL: "warn",
};

/** @returns the exit code: 1 when anything was lost, doubled, missed, repeated, or let in that had been signed out */
export async function runDrill(args: readonly string[]): Promise<number> {
  const options = parseDrillOptions(args, [...allFaults.map(({ name }) => name), overloadName]);
  const startedAt = new Date().toISOString();
  const loadAtStart = readLoad();
  const progress = createProgressLine(process.stderr);
  mkdirSync(localDirectory, { recursive: true, mode: 0o700 });
  const dataDir = mkdtempSync(join(localDirectory, "drill-"));
  const admin = { email: "admin@example.org", password: randomBytes(18).toString("base64url") };
  progress.show("starting Postgres, Redis and the services…");
  const stack = await startDrillStack({
    ...counts,
    dataDir,
    env: { ...settings, ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
  });
  const end = createEnd(stack, dataDir);
  try {
    const scene = await createScene(stack, { ...options, admin, onProgress: progress.show });
    const findings = await runDrillOn(scene, options).finally(() => {
      scene.close();
    });
    progress.clear();
    const result: DrillResult = {
      startedAt,
      quick: options.quick,
      seed: options.seed,
      machine: readMachineFacts({ redis: stack.redisVersion, postgres: stack.postgresVersion }, loadAtStart),
      stack: { ...counts, env: settings },
      ...findings,
    };
    report(result, options);
    return isClean(result.totals) ? 0 : 1;
  } finally {
    progress.show("stopping…");
    await end();
    progress.clear();
  }
}

/** Files are named as they were typed: npm runs its scripts in the folder of package.json. */
function report(result: DrillResult, { json, markdown }: DrillOptions): void {
  const place = (name: string): string => resolve(process.env["INIT_CWD"] ?? ".", name);
  if (result.faults.length > 0) console.log(`\n${formatTable(createFaultTable(result.faults))}`);
  if (result.overload.length > 0) console.log(`\n${formatTable(createOverloadTable(result.overload))}`);
  console.log(`\n${describeConditions(result)}\n`);
  for (const fault of listFaults(result)) console.log(`WRONG  ${fault}`);
  const { lost, doubled, eventsMissed, eventsRepeated, revokedAccepted } = result.totals;
  console.log(
    `lost ${lost}, doubled ${doubled}, events missed ${eventsMissed}, repeated ${eventsRepeated}, ` +
      `revoked sessions let in ${revokedAccepted}`,
  );
  if (json !== undefined) writeFileSync(place(json), `${JSON.stringify(result, null, 2)}\n`);
  if (markdown !== undefined) writeMarkdown(place(markdown), formatMarkdown(result));
}

function writeMarkdown(path: string, tables: string): void {
  writeFileSync(path, placeMarkdown(existsSync(path) ? readFileSync(path, "utf8") : undefined, tables));
}

function listFaults({ faults, overload, warmUp, unasked }: DrillFindings): string[] {
  return [
    ...[...faults, ...overload].flatMap(({ name, generations, revoked }) =>
      [...generations.faults, ...revoked.faults].map((fault) => `${name}: ${fault}`),
    ),
    ...warmUp.faults.map((fault) => `warm-up: ${fault}`),
    ...(unasked === 0 ? [] : [`${unasked} generations are in Postgres that nobody asked for`]),
  ];
}

/** Once, however it comes to an end: Ctrl-C too. */
function createEnd(stack: DrillStack, dataDir: string): () => Promise<void> {
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= stack.stop().then(() => {
      rmSync(dataDir, { recursive: true, force: true });
    });
    return ending;
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void end().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
    });
  }
  return end;
}
