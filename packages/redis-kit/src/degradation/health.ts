import type { RedisFaultCode } from "../errors";

/** `recovering`: Redis answers again, but what it holds is not trusted yet. */
export type RoleMode = "normal" | "degraded" | "recovering";

/** How a role is right now. */
export interface RoleStatus {
  readonly mode: RoleMode;
  readonly since: Date;
  /** why it is, or was just, degraded */
  readonly reason?: RedisFaultCode;
}

/** A stretch of time without normal service. */
export interface DegradedPeriod {
  readonly from: Date;
  /** absent while it lasts */
  readonly to?: Date;
  readonly reason: RedisFaultCode;
}

/** Ends a subscription; calling it twice is harmless. */
export type Unsubscribe = () => void;

/** The state machine of one role in this process: normal → degraded → recovering → normal. */
export interface RoleHealth {
  status(): RoleStatus;
  /** Called after every change of mode, once, in order. */
  onChange(listener: (status: RoleStatus) => void): Unsubscribe;
  /** The last 50 degraded periods, oldest first. */
  history(): readonly DegradedPeriod[];
}
