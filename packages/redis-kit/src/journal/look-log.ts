/** A look must have begun this long ago at most to be believed; milliseconds. */
export const lookMaxAgeMs = 500;
/**
 * While a look is under way the one before it counts a little longer, as unconfirmed: should the truth turn
 * out to be away, nobody was refused in between. Still within the second that a revocation may take. Milliseconds.
 */
const waitingMaxAgeMs = 800;
/** Looks further apart than this may have missed a row that came and went; milliseconds. */
const lapseMs = 1500;
/** A look is given up after this; milliseconds. */
export const lookDeadlineMs = 500;
/** A rejection that came later than this says that this process slept, not that the truth is away; milliseconds. */
const lateMs = lookDeadlineMs + 250;

/** How the looks of this process went. Times are of one monotonic clock, in milliseconds. */
export interface LookLog {
  /** What the looks alone allow to believe. */
  belief(nowMs: number): "trusted" | "unconfirmed" | "untrusted";
  /** Is a look that began then too far from the last good one? Also true for the first. */
  hasLapsed(startedAtMs: number): boolean;
  began(): void;
  /** @param isWhole nothing was left out of it */
  answered(startedAtMs: number, isWhole: boolean): void;
  rejected(startedAtMs: number, nowMs: number): void;
  /** A look that was given up has been answered after all: the truth is slow, but there to be asked. */
  cameLate(nowMs: number): void;
}

/** @param staleMaxMs how long Redis is believed while the truth can't be asked */
export function createLookLog(staleMaxMs: number): LookLog {
  let goodAtMs: number | undefined;
  let rejectedAtMs: number | undefined;
  let lateAtMs: number | undefined;
  let isUnderWay = false;
  return {
    belief(nowMs) {
      if (goodAtMs === undefined) return "untrusted";
      const ageMs = nowMs - goodAtMs;
      if (ageMs <= lookMaxAgeMs) return "trusted";
      const isSlow = lateAtMs !== undefined && nowMs - lateAtMs <= lapseMs;
      const isAway = !isSlow && rejectedAtMs !== undefined && nowMs - rejectedAtMs <= lapseMs;
      if (isUnderWay && ageMs <= waitingMaxAgeMs) return "unconfirmed";
      return isAway && ageMs <= staleMaxMs ? "unconfirmed" : "untrusted";
    },
    hasLapsed: (startedAtMs) => goodAtMs === undefined || startedAtMs - goodAtMs > lapseMs,
    began() {
      isUnderWay = true;
    },
    answered(startedAtMs, isWhole) {
      isUnderWay = false;
      rejectedAtMs = undefined;
      lateAtMs = undefined;
      if (isWhole) goodAtMs = startedAtMs;
    },
    rejected(startedAtMs, nowMs) {
      isUnderWay = false;
      rejectedAtMs = nowMs - startedAtMs <= lateMs ? nowMs : undefined;
    },
    cameLate(nowMs) {
      lateAtMs = nowMs;
    },
  };
}
