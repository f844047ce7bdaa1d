import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { FirstAdminOutcome } from "../domain/make-first-admin";

const RETRY_MS = 2000;

/** Tries until Postgres has answered once, in the background: the service starts without it. */
export async function makeAdminWhenPossible(
  make: () => Promise<FirstAdminOutcome>,
  { logger, draining }: { logger: Logger; draining: AbortSignal },
): Promise<void> {
  while (!draining.aborted) {
    try {
      const outcome = await make();
      if (outcome === "made") logger.info("made the first admin of ADMIN_EMAIL");
      if (outcome === "address-taken")
        logger.error("ADMIN_EMAIL has an account already; it was not made an admin");
      return;
    } catch (error) {
      logger.warn("the first admin can't be made yet", { error });
      await sleep(RETRY_MS, undefined, { signal: draining }).catch(() => undefined);
    }
  }
}
