import { Counter, Gauge, type Registry } from "prom-client";
import type { NotificationMetrics } from "../domain/ports";

export interface NotificationGauges {
  readonly sockets: () => number;
  readonly subscriptions: () => number;
  readonly followedGenerations: () => number;
  readonly people: () => number;
}

/** This service's figures for `/metrics`. */
export function createPrometheusMetrics(
  registry: Registry,
): NotificationMetrics & { watch(gauges: NotificationGauges): void } {
  const registers = [registry];
  const events = new Counter({
    name: "notification_events_delivered_total",
    help: "Generation events handed to sockets",
    registers,
  });
  const notified = new Counter({
    name: "notification_notifications_delivered_total",
    help: "Notifications handed to sockets",
    registers,
  });
  const slow = new Counter({
    name: "notification_slow_sockets_cut_total",
    help: "Sockets cut because they didn't take their events",
    registers,
  });
  const refusals = new Counter({
    name: "notification_handshakes_refused_total",
    help: "Handshakes refused before authentication",
    labelNames: ["why"],
    registers,
  });
  const revocations = new Counter({
    name: "notification_sockets_revoked_total",
    help: "Sockets closed because their session ended",
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  return {
    delivered: (count) => {
      events.inc(count);
    },
    notified: (count) => {
      notified.inc(count);
    },
    cutSlow: () => {
      slow.inc();
    },
    refused: (why) => {
      refusals.inc({ why });
    },
    revoked: (sockets) => {
      revocations.inc(sockets);
    },
    watch({ sockets, subscriptions, followedGenerations, people }) {
      gauge("notification_sockets", "Open sockets of this node", sockets);
      gauge("notification_people", "People with an open socket here", people);
      gauge("notification_subscriptions", "Generations followed, per socket", subscriptions);
      gauge(
        "notification_followed_generations",
        "Generations followed by at least one socket",
        followedGenerations,
      );
    },
  };
}
