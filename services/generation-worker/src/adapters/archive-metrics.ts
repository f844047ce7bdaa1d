import { Counter, Histogram, type Registry } from "prom-client";
import type { ArchiveMetrics } from "../domain/archive-ports";

/** The figures of archives for `/metrics`. */
export function createArchiveMetrics(registry: Registry): ArchiveMetrics {
  const registers = [registry];
  const builds = new Counter({
    name: "archive_builds_total",
    help: "Builds of archives ended, by outcome",
    labelNames: ["outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "archive_build_seconds",
    help: "Time of a build that ended ready",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const bytes = new Counter({ name: "archive_bytes_total", help: "Bytes of archives stored", registers });
  return {
    ended(outcome, durationMs) {
      builds.inc({ outcome });
      if (outcome === "ready") seconds.observe(durationMs / 1000);
    },
    stored: (count) => {
      bytes.inc(count);
    },
  };
}
