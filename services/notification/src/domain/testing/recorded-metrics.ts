import type { NotificationMetrics } from "../ports";

/** Metrics that can be asked. */
export function createRecordedMetrics() {
  const counts = { delivered: 0, notified: 0, cut: 0, refused: 0, revoked: 0 };
  const metrics: NotificationMetrics = {
    delivered: (events) => void (counts.delivered += events),
    notified: (notifications) => void (counts.notified += notifications),
    cutSlow: () => void (counts.cut += 1),
    refused: () => void (counts.refused += 1),
    revoked: (sockets) => void (counts.revoked += sockets),
  };
  return { metrics, counts };
}
