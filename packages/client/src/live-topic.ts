import type { Problem } from "@vibe-friend/contracts/problem";
import { subscribeAckSchema, type SubscribeAck } from "@vibe-friend/contracts/socket";
import type { EventFollower } from "./event-follower";
import type { LiveSocketClient } from "./live-socket";
import { parseAnswer } from "./loose-answer";
import { ProblemError } from "./problem-error";

/** Everybody who follows one generation over the shared socket. */
export interface LiveTopic {
  readonly followers: Set<EventFollower>;
  /** A subscription is on its way. */
  asking: boolean;
  askAgain: boolean;
  /** Runs when events are missing. */
  gapCheck: ReturnType<typeof setTimeout> | undefined;
  /** Where the slowest follower was at the last check, and for how many checks it has been there. */
  checkedSeq: number;
  quietChecks: number;
}

const ACK_TIMEOUT_MS = 5_000;

export function createLiveTopic(): LiveTopic {
  return {
    followers: new Set(),
    asking: false,
    askAgain: false,
    gapCheck: undefined,
    checkedSeq: -1,
    quietChecks: 0,
  };
}

export function slowestSeq(topic: LiveTopic): number {
  return Math.min(...[...topic.followers].map((follower) => follower.lastSeq()));
}

export function failFollowers(topic: LiveTopic, problem: Problem): void {
  for (const follower of topic.followers) follower.fail(new ProblemError(problem));
}

/** A subscription that is silent for so many checks is asked for again, though nothing seems to be missing. */
const QUIET_CHECKS = 5;

/** Whether to subscribe again: events are missing, or it has been silent for long. To be called regularly. */
export function standsStill(topic: LiveTopic): boolean {
  const seq = slowestSeq(topic);
  topic.quietChecks = seq === topic.checkedSeq ? topic.quietChecks + 1 : 0;
  topic.checkedSeq = seq;
  if (topic.quietChecks === 0) return false;
  const isBehind = [...topic.followers].some((follower) => follower.isBehind());
  return isBehind || topic.quietChecks % QUIET_CHECKS === 0;
}

/** Asking again would get the same answer. */
export function isLasting({ status }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** The answer to a subscription, or undefined when none came within 5 s. */
export async function askSocket(
  socket: LiveSocketClient,
  id: string,
  after: number,
): Promise<SubscribeAck | undefined> {
  try {
    const waiting = socket.timeout(ACK_TIMEOUT_MS);
    const answer = (await waiting.emitWithAck("generation:subscribe", { id, after })) as SubscribeAck;
    return answer.ok ? parseAnswer(subscribeAckSchema, answer) : answer;
  } catch {
    return undefined;
  }
}
