import type { CommandLane } from "./command-lane";

/** How often it is looked for connections on which nothing is answered; milliseconds. */
const lookEveryMs = 2;
/** What waiting behind a slow answer is worth, in commands. */
const stalledWeight = 1000;

/** Picks the connection with the fewest unanswered commands, one that stands still only for want of others. */
export function createLaneChoice(): (lanes: readonly CommandLane[]) => CommandLane | undefined {
  const seen = new Map<CommandLane, { progress: number; stalled: boolean }>();
  let lookedAt = 0;

  /** A large answer may take long to come; what is sent behind it comes later still. */
  function look(lanes: readonly CommandLane[]): void {
    const now = performance.now();
    if (now - lookedAt < lookEveryMs) return;
    lookedAt = now;
    for (const lane of seen.keys()) if (!lanes.includes(lane)) seen.delete(lane);
    for (const lane of lanes) {
      const progress = lane.progress();
      const stalled = lane.inFlight() > 0 && seen.get(lane)?.progress === progress;
      seen.set(lane, { progress, stalled });
    }
  }

  function weigh(lane: CommandLane): number {
    const inFlight = lane.inFlight();
    return inFlight > 0 && seen.get(lane)?.stalled === true ? inFlight + stalledWeight : inFlight;
  }

  return (lanes) => {
    if (lanes.length < 2) return lanes[0];
    look(lanes);
    let best = lanes[0];
    let least = Infinity;
    for (const lane of lanes) {
      const weight = weigh(lane);
      if (weight < least) [best, least] = [lane, weight];
      if (least === 0) break;
    }
    return best;
  };
}
