import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { redisMetrics } from "./metrics";

const files = readdirSync(__dirname, { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("testing"),
);
const reporting = files
  .filter((name) => name !== "metrics.ts")
  .map((name) => readFileSync(join(__dirname, name), "utf8"));

it.each(Object.keys(redisMetrics))("%s is reported by somebody", (name) => {
  expect(reporting.some((text) => text.includes(`"${name}"`))).toBe(true);
});
