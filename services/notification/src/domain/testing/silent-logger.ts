import type { NotificationLogger } from "../ports";

export const silentLogger: NotificationLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
