import { chooseSeed, describeSchedule } from "./faults/describe-schedule";

describeSchedule("A random schedule of faults", {
  seed: chooseSeed(),
  run: {
    ...{ scale: "short", people: 6, generations: 40 },
    steps: { redis: 4, postgres: 2, process: 4, client: 3 },
  },
  timeoutMs: 600_000,
});
