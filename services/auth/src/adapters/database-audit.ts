import type { AuditLog as AuditRows } from "@vibe-friend/database/repositories/audit-log";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { AuditLog } from "../domain/ports";

/** What was done stays done when its entry can't be written; the log line stands in for it. */
export function createDatabaseAudit(rows: Pick<AuditRows, "append">, logger: Logger): AuditLog {
  return {
    async append({ caller, ...entry }) {
      const full = { ...entry, ...caller };
      try {
        await rows.append(full);
      } catch (error) {
        logger.error("an audit entry could not be written", { entry: full, error });
      }
    },
  };
}
