import { chooseSeed, describeSchedule } from "./faults/describe-schedule";

const run = { scale: "full", people: 20, generations: 1_000, onProgress: tell } as const;
const timeoutMs = 40 * 60_000;
const first = chooseSeed();

describe.each([first, first + 1, first + 2])("Every fault, a thousand generations", (seed) => {
  describeSchedule("in a random order", { seed, run, timeoutMs });
});

describeSchedule("Every fault but those of Redis, without Redis from the start", {
  ...{ seed: first + 3, run, timeoutMs },
  stack: { redis: false },
});

function tell(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
